import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { DOCUMENT } from './paths.mjs';
import { read } from './peers.mjs';
import { document, markdown } from './table.mjs';
import { total } from './tally.mjs';

test('the document is what the baselines and the peers\' results say; else: tests/conformance/run --table', async () => {
  assert.equal(await readFile(DOCUMENT, 'utf8'), await document());
});

test('the peers\' figures are those that are known of them', async () => {
  const { peers } = await read();
  const found = Object.fromEntries(peers.map(({ name, groups }) => {
    const { required, optimal } = total(groups);
    return [name, [required.alone, optimal.alone]];
  }));
  assert.deepEqual(found, {
    httpd: [141, 69], 'Traffic Server': [136, 74], Squid: [138, 59], Varnish: [138, 49],
    Caddy: [138, 44], HAProxy: [126, 40], nginx: [115, 66], Fastly: [115, 57],
  });
  for (const { groups } of peers) assert.deepEqual([total(groups).required.tests, total(groups).optimal.tests], [160, 105]);
});

test('caches come in the order of what they pass, and each host of ours has a row', () => {
  const groups = (required) => ({ g: { required: { tests: 3, passed: 1, alone: required }, optimal: { tests: 1, passed: 0, alone: 1 } } });
  const two = [{ name: 'A', version: '1', groups: groups(1) }, { name: 'B', version: '2', groups: groups(2) }];
  const peers = { version: 'b55b8bda3dbb', names: { g: 'Group' }, peers: two };
  const hosts = [['current', 'b55b8bda3dbb'], ['npm', '0.4.5']]
    .map(([label, version]) => ({ host: 'native', label, version, groups: groups(3) }));
  const why = [{ host: 'native', suite: 'npm', tests: ['a', 'b'], why: 'They contradict c.' }];
  const lines = markdown(peers, hosts, { explanations: why }).split('\n');
  assert.deepEqual(lines.slice(2, 7), [
    '| Cache | Version | Required, of 3 | Optimal, of 1 | Required, strictly | Optimal, strictly |',
    '|---|---|--:|--:|--:|--:|',
    '| B | 2 | 2 | 1 | 1 | 0 |',
    '| A | 1 | 1 | 1 | 1 | 0 |',
    '| Stepwell (native) | this commit | 3 | 1 | 1 | 0 |',
  ]);
  assert.ok(lines.includes('| Group | 3 | 2 | 1 | 3 |'));
  assert.ok(lines.includes('| native | the suite\'s release 0.4.5 | 1 of 3 | 0 of 1 |'));
  assert.ok(lines.includes('| native | npm | `a`, `b` | They contradict c. |'));
});
