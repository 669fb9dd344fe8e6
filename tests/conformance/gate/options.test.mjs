import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, UsageError } from './options.mjs';

const given = (line) => parse(line.split(' ').filter((word) => word !== ''), '/from');

test('the native edge has a baseline, and another host only one that is named', () => {
  assert.equal(given('').host, 'native');
  assert.equal(given('--base http://127.0.0.1:1 --origin-port 8000').host, null);
  assert.equal(given('--base http://127.0.0.1:1 --origin-port 8000 --host spin').host, 'spin');
  assert.equal(given('--suite cache-tests').suite, '/from/cache-tests');
});

test('what does not make sense is refused', () => {
  for (const line of [
    '--bsae x', 'words', '--current --suite x', '--host ../x', '--peers', '--update --id x',
    '--base http://127.0.0.1:1', '--origin-port 8000',
    '--base 127.0.0.1:1 --origin-port 8000',
    '--base http://127.0.0.1:1/path --origin-port 8000',
    '--base http://127.0.0.1:1 --origin-port 0',
    '--update --base http://127.0.0.1:1 --origin-port 8000',
  ]) {
    assert.throws(() => given(line), UsageError, line);
  }
});
