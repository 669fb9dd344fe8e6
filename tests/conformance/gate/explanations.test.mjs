import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explained, read } from './explanations.mjs';
import { ours } from './table.mjs';

test('every required or optimal test that does not pass is explained, and no other', async () => {
  const { missing, needless } = explained(await ours(), await read());
  assert.deepEqual({ missing, needless }, { missing: [], needless: [] });
});

test('an explanation is of a host, a suite and a test', () => {
  const tests = new Map([
    ['short', { kind: 'required', verdict: 'fail' }],
    ['hidden', { kind: 'optimal', verdict: 'dependency' }],
    ['fine', { kind: 'required', verdict: 'pass' }],
    ['asked', { kind: 'check', verdict: 'no' }],
  ]);
  const explanations = [{ host: 'native', suite: 'npm', tests: ['short', 'fine'], why: '' }, { host: 'spin', suite: 'npm', tests: ['hidden'], why: '' }];
  assert.deepEqual(explained([{ host: 'native', label: 'npm', tests }], explanations), {
    explanations,
    missing: ['native npm hidden'],
    needless: ['native npm fine', 'spin npm hidden'],
  });
});
