import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { compare, line, read, write } from './baseline.mjs';

const judged = (verdict, more = {}) => ({ group: 'g', kind: 'required', verdict, alone: verdict, detail: 'why', ...more });
const difference = (before, after) => compare(new Map([['t', before]]), new Map([['t', after]]));
const whats = (before, after) => difference(before, after).map(({ what }) => what);

test('what a run repeats is no difference, a known failure neither', () => {
  for (const verdict of ['pass', 'fail', 'yes', 'no', 'dependency', 'setup']) assert.deepEqual(whats(judged(verdict), judged(verdict)), []);
});

test('a test that passed and does not any more is a regression, observed or not', () => {
  for (const verdict of ['fail', 'dependency', 'setup', 'retry', 'harness', 'untested']) {
    assert.deepEqual(whats(judged('pass'), judged(verdict)), ['regression'], verdict);
  }
});

test('a pass that nobody expected is told with the line to write', () => {
  assert.deepEqual(difference(judged('fail'), judged('pass')), [
    { id: 't', what: 'unexpected pass', was: 'fail', is: 'pass', detail: 'why', write: '"t": {"kind":"required","verdict":"pass"}' },
  ]);
});

test('any other change is told too, that of an answer, a kind, or what a dependency hides', () => {
  assert.deepEqual(whats(judged('yes', { kind: 'check' }), judged('no', { kind: 'check' })), ['changed']);
  assert.deepEqual(whats(judged('fail'), judged('setup')), ['changed']);
  assert.deepEqual(whats(judged('pass'), judged('pass', { kind: 'optimal' })), ['changed']);
  assert.deepEqual(whats(judged('dependency', { alone: 'pass' }), judged('dependency', { alone: 'fail' })), ['changed']);
});

test('tests that are new or gone are told, after regressions', () => {
  const before = new Map([['gone', judged('pass')], ['worse', judged('pass')]]);
  const after = new Map([['new', judged('pass')], ['worse', judged('fail')]]);
  assert.deepEqual(compare(before, after).map(({ id, what }) => [id, what]), [['worse', 'regression'], ['new', 'new'], ['gone', 'gone']]);
});

test('a baseline is read as it was written, a line a test', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'stepwell-baseline-'));
  context.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'native.npm.json');
  assert.equal(await read(file), null);
  const tests = new Map([['a', judged('pass')], ['b', judged('dependency', { alone: 'pass', group: 'h' })]]);
  await write(file, '1.0', tests);
  const found = await read(file);
  assert.equal(found.version, '1.0');
  assert.deepEqual(compare(found.tests, tests), []);
  assert.equal(found.tests.get('b').alone, 'pass');
  assert.equal(line('b', tests.get('b')), '"b": {"kind":"required","verdict":"dependency","alone":"pass"}');
});
