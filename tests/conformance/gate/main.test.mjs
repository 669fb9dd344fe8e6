// The gate as a whole, against the suite's origin without a cache in front of it, which is what forgets everything.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { HERE, NPM_SUITE } from './paths.mjs';

test('one test passes or fails, and the status says so', async () => {
  const ids = ['cc-resp-no-store', 'own-lifetime-ends', 'freshness-max-age'];
  const [never, always, reuse] = await Promise.all(ids.map((id) => gate('--id', id)));
  assert.deepEqual([never.status, always.status], [0, 0], never.said + always.said);
  assert.match(never.said, /^cc-resp-no-store \(required\): pass$/m);
  assert.equal(reuse.status, 1);
  assert.match(reuse.said, /^freshness-max-age \(optimal\): fail: Response 2 does not come from cache$/m);
  assert.match(reuse.said, /Server request 2/, 'shows what the origin received');
});

test('for a program, standard output is one JSON object, whatever the suite prints', async () => {
  const { out } = await gate('--id', 'cc-resp-no-store', '--json');
  const { id, verdict } = JSON.parse(out);
  assert.deepEqual({ id, verdict }, { id: 'cc-resp-no-store', verdict: 'pass' });
});

test('an id that no test has, and a checkout that is none, are told apart from failures', async () => {
  const unknown = await gate('--id', 'nothing');
  assert.equal(unknown.status, 2);
  assert.match(unknown.said, /no test is called nothing/);
  const empty = await gate('--suite', tmpdir());
  assert.equal(empty.status, 2);
  assert.match(empty.said, /holds no checkout/);
});

test('a run counts what passed, what failed, and what a dependency hides', async (context) => {
  const suite = await smallSuite(context);
  const [{ status, said }, json] = await Promise.all([gate('--suite', suite), gate('--suite', suite, '--json')]);
  assert.equal(status, 1);
  assert.ok(said.startsWith([
    'npm 0.0.1',
    '  required  1 of 2 passed',
    '  optimal   0 of 1 passed',
    '  checks    1 yes, 0 no',
    '  not observed, counted above as not passed: 1 dependency',
    '',
  ].join('\n')), said);
  assert.match(said, /^ {2}NOT PASSED {2}reused {2}fail: Response 2 does not come from cache$/m);
  assert.match(said, /^ {2}NOT PASSED {2}forgotten {2}dependency$/m);
  assert.equal(json.status, 1);
  assert.deepEqual(JSON.parse(json.out).suites[0].counts.required, { tests: 2, passed: 1, alone: 2 });
});

/** Runs the gate on a free port, without a baseline: `{status, out, said}`, where `said` has standard error as well. */
async function gate(...words) {
  const port = await freePort();
  const all = ['--base', `http://127.0.0.1:${port}`, '--origin-port', String(port), ...words];
  return new Promise((resolve) => {
    execFile(join(HERE, 'run'), all, (error, out, complaints) => resolve({ status: error?.code ?? 0, out, said: out + complaints }));
  });
}

/** A checkout with the release's engine and four tests. */
async function smallSuite(context) {
  const root = await mkdtemp(join(tmpdir(), 'stepwell-suite-'));
  context.after(() => rm(root, { recursive: true }));
  for (const part of ['client', 'server', 'lib']) await symlink(join(NPM_SUITE, part), join(root, part));
  await symlink(join(HERE, 'node_modules'), join(root, 'node_modules'));
  await mkdir(join(root, 'tests'));
  await writeFile(join(root, 'package.json'), '{"version": "0.0.1"}');
  const fresh = '{ response_headers: [["Cache-Control", "max-age=60"]], setup: true }';
  await writeFile(join(root, 'tests', 'index.mjs'), `export default [{ id: 'g', name: 'G', tests: [
    { id: 'fetched', requests: [${fresh}, { expected_type: 'not_cached' }] },
    { id: 'reused', kind: 'optimal', requests: [${fresh}, { expected_type: 'cached' }] },
    { id: 'forgotten', depends_on: ['reused'], requests: [${fresh}, { expected_type: 'not_cached' }] },
    { id: 'asked', kind: 'check', requests: [${fresh}, { expected_type: 'not_cached' }] },
    { id: 'browsed', browser_only: true, requests: [${fresh}] },
  ] }];`);
  return root;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
