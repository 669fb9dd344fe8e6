import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, missing } from './baseline.mjs';
import { closing, json, lines, outcome } from './report.mjs';
import { judge } from './verdicts.mjs';

const groups = [{ id: 'g', name: 'G', tests: [{ id: 'r' }, { id: 'o', kind: 'optimal' }, { id: 's' }, { id: 'c', kind: 'check' }] }];
const results = {
  r: true,
  o: ['Assertion', 'Response 2 does not come from cache'],
  s: ['Setup', 'Response 1 status is 502, not 200'],
  c: true,
};
const suite = { label: 'npm', version: '0.4.5' };
const judged = judge(groups, results);

test('a run that is as its baseline passes, with what it did not observe counted apart', () => {
  const same = outcome(suite, judged, compare(judged, judged));
  assert.deepEqual(lines(same), [
    'npm 0.4.5',
    '  required  1 of 2 passed',
    '  optimal   0 of 1 passed',
    '  checks    1 yes, 0 no',
    '  not observed, counted above as not passed: 1 setup',
  ]);
  assert.equal(closing([same]), '1 passed, 0 failed');
});

test('every difference from the baseline is a failure, and says what to write', () => {
  const before = new Map([...judged].map(([id, found]) => [id, { ...found, verdict: id === 'o' ? 'pass' : found.verdict }]));
  const worse = outcome(suite, judged, compare(before, judged));
  assert.equal(closing([worse]), '1 passed, 1 failed');
  assert.deepEqual(lines(worse).slice(5), [
    '  REGRESSION  o  pass → fail: Response 2 does not come from cache',
    '      "o": {"kind":"optimal","verdict":"fail"}',
    '  To accept a difference, write its line into the baseline; --update writes them all.',
  ]);
});

test('a host that should have a baseline and has none fails by that', () => {
  const bare = outcome(suite, judged, [missing('baselines/spin.npm.json')]);
  assert.equal(closing([bare]), '1 passed, 1 failed');
  assert.equal(lines(bare).at(-1), '  NO BASELINE  baselines/spin.npm.json  write it with --update');
});

test('without a baseline, what is asked and not passed fails, and a check does not', () => {
  const free = outcome(suite, judge(groups, { ...results, c: ['Assertion', ''] }), null);
  assert.deepEqual(free.complaints.map(({ id, what }) => [id, what]), [['o', 'not passed'], ['s', 'not passed']]);
  assert.equal(closing([free, free]), '2 passed, 4 failed');
});

test('a program reads the same', () => {
  const found = json('native', 'http://127.0.0.1:1', [outcome(suite, judged, [])]);
  assert.deepEqual([found.passed, found.failed, found.suites[0].tests.o.verdict], [1, 0, 'fail']);
});
