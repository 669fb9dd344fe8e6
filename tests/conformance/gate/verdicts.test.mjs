import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { NPM_SUITE } from './paths.mjs';
import { importFrom, load } from './suites.mjs';
import { byGroup, total } from './tally.mjs';
import { judge } from './verdicts.mjs';

const group = (...tests) => [{ id: 'g', name: 'G', tests }];
const verdicts = (groups, results) => Object.fromEntries([...judge(groups, results)].map(([id, { verdict }]) => [id, verdict]));

test('a result means pass or fail, or yes or no, by the kind of the test', () => {
  const groups = group({ id: 'r' }, { id: 'o', kind: 'optimal' }, { id: 'c', kind: 'check' });
  assert.deepEqual(verdicts(groups, { r: true, o: true, c: true }), { r: 'pass', o: 'pass', c: 'yes' });
  const wrong = ['Assertion', 'Response 2 comes from cache'];
  assert.deepEqual(verdicts(groups, { r: wrong, o: wrong, c: wrong }), { r: 'fail', o: 'fail', c: 'no' });
  assert.throws(() => judge(group({ id: 'x', kind: 'needed' }), {}), /unknown kind/);
});

test('what was not observed is neither passed nor failed', () => {
  const groups = group({ id: 'setup' }, { id: 'retry' }, { id: 'harness' }, { id: 'untested' });
  const results = { setup: ['Setup', 'Response 1 status is 502, not 200'], retry: ['Setup', 'retry'], harness: ['FetchError', 'socket hang up'] };
  assert.deepEqual(verdicts(groups, results), { setup: 'setup', retry: 'retry', harness: 'harness', untested: 'untested' });
  assert.deepEqual(total(byGroup(judge(groups, results).values())).required, { tests: 4, passed: 0, alone: 0 });
});

test('a pass says nothing when a test on which it depends, near or far, did not pass', () => {
  const groups = group(
    { id: 'far', depends_on: ['near'] },
    { id: 'near', depends_on: ['check'] },
    { id: 'check', kind: 'check' },
    { id: 'lost', depends_on: ['nobody'] },
  );
  const results = { far: true, near: true, check: true, lost: true };
  assert.deepEqual(verdicts(groups, results), { far: 'pass', near: 'pass', check: 'yes', lost: 'dependency' });
  const without = { ...results, check: ['Assertion', ''] };
  assert.deepEqual(verdicts(groups, without), { far: 'dependency', near: 'dependency', check: 'no', lost: 'dependency' });
  assert.equal(judge(groups, without).get('far').alone, 'pass');
  assert.deepEqual(total(byGroup(judge(groups, without).values())).required, { tests: 3, passed: 0, alone: 3 });
});

test('the suite itself judges the results that it stores as we do', async () => {
  const suite = await load(NPM_SUITE);
  const { determineTestResult } = await importFrom(suite.engine, 'lib/display.mjs');
  const { default: index } = await importFrom(suite.root, 'results/index.mjs');
  // How the suite shows a verdict.
  const shown = { pass: ['✅'], fail: ['⛔️', '⚠️'], yes: ['Y'], no: ['N'], dependency: ['⚪️'], setup: ['🔹'], retry: ['↻'], untested: ['-'], harness: ['⛔️', '⚠️', 'N'] };
  let compared = 0;
  for (const { file } of index) {
    const results = JSON.parse(await readFile(join(suite.root, 'results', file), 'utf8'));
    for (const [id, { verdict }] of judge(suite.groups, results)) {
      const symbol = determineTestResult(suite.groups, id, results)[2];
      assert.ok(shown[verdict].includes(symbol), `${file}, ${id}: we say ${verdict}, the suite ${symbol}`);
      compared += 1;
    }
  }
  assert.ok(compared > 2000, `only ${compared} results were compared`);
});
