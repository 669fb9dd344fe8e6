import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NPM_SUITE } from '../gate/paths.mjs';
import { load, testsOf } from '../gate/suites.mjs';
import { kindOf } from '../gate/verdicts.mjs';
import { supplement } from './index.mjs';

const ours = testsOf(supplement.groups);

test('our tests are told from the suite\'s by their ids, and depend on each other alone', async () => {
  const suite = await load(NPM_SUITE);
  testsOf([...suite.groups, ...supplement.groups]);
  const ids = new Set(ours.map(({ test: { id } }) => id));
  for (const { test: { id, depends_on: others = [] } } of ours) {
    assert.match(id, /^own-[a-z0-9-]+$/);
    for (const other of others) assert.ok(ids.has(other), `${id} depends on ${other}`);
  }
});

test('each of our tests asks something of its last response', () => {
  for (const { test: { id, kind, name, requests, run } } of ours) {
    assert.ok(kindOf({ id, kind }));
    assert.ok(name.length > 0, id);
    assert.ok(run !== undefined || ['cached', 'not_cached'].includes(requests.at(-1).expected_type), id);
  }
});

test('no header of one test is the same object as that of another, since the client writes into them', () => {
  const headers = ours.flatMap(({ test: { requests = [] } }) => requests.flatMap(({ response_headers: list = [] }) => list));
  assert.equal(new Set(headers).size, headers.length);
});
