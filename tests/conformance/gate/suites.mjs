// The suite as it lies on this disk, in either of its layouts, and our supplement to its release.

import { execFileSync } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The suite in a folder: `{label, version, root, engine, modern, groups}`.
 *
 * `label` names its baselines: `npm` for the layout of the release, `current` for the one that the authors work on.
 * `engine` is the folder that holds its `client/` and `server/`; `groups` are its `[{id, name, tests}]`, without the tests
 * that only a browser can run.
 */
export async function load(root) {
  const modern = await exists(join(root, 'test-engine', 'client', 'runner.mjs'));
  const engine = modern ? join(root, 'test-engine') : root;
  if (!await exists(join(engine, 'client', 'runner.mjs'))) throw new Error(`${root} holds no checkout of cache-tests`);
  const { default: groups } = await importFrom(root, 'tests/index.mjs');
  return {
    label: modern ? 'current' : 'npm',
    version: await versionOf(root, modern),
    root,
    engine,
    modern,
    groups: groups.map((group) => ({ ...group, tests: group.tests.filter((test) => test.browser_only !== true) })),
  };
}

/** A module of the suite. */
export function importFrom(folder, path) {
  return import(pathToFileURL(join(folder, path)));
}

/** Every test of some groups: `[{group, test}]`, in the suite's order. An id that is there twice is an error. */
export function testsOf(groups) {
  const all = groups.flatMap((group) => group.tests.map((test) => ({ group: group.id, test })));
  const seen = new Set();
  for (const { test } of all) {
    if (seen.has(test.id)) throw new Error(`two tests are called ${test.id}`);
    seen.add(test.id);
  }
  return all;
}

/** Only the test with this id, in its group, telling what it sends and receives. */
export function only(groups, id) {
  for (const group of groups) {
    const test = group.tests.find((candidate) => candidate.id === id);
    if (test !== undefined) return [{ ...group, tests: [{ ...test, dump: true }] }];
  }
  return [];
}

async function versionOf(root, modern) {
  const release = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version;
  // The current suite's package.json still carries the number of the last release; the commit says more.
  return modern ? commitOf(root) ?? `after ${release}` : release;
}

function commitOf(root) {
  try {
    return execFileSync('git', ['-C', root, 'rev-parse', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

function exists(path) {
  return access(path).then(() => true, () => false);
}
