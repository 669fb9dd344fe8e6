// Runs tests with the suite's own client, in this process. Its modules keep what they did: one run a process.

import { createRequire, register } from 'node:module';
import { join } from 'node:path';
import { importFrom } from './suites.mjs';

/** After this a request has failed. The current suite says the same; the release would wait for ever. */
const REQUEST_MAX_MS = 10_000;
/** The suite's pause between a request and one that should find its response stored. */
const PAUSE_MS = 3_000;

/**
 * Runs the tests of `groups` against a base URL, as many at once as the suite does.
 *
 * Returns each test's result by its id: `true`, or `[name, message]` of the error that ended it. A test of the suite
 * declares `requests`; one of ours may instead be a function, `run({base, dump, patienceMs, pauseMs})`.
 */
export async function run(suite, groups, base) {
  const declared = parted(groups, (test) => test.run === undefined);
  const programmed = parted(groups, (test) => test.run !== undefined).flatMap((group) => group.tests);
  const [results, ...ours] = await Promise.all([runDeclared(suite, declared, base), ...programmed.map((test) => runOne(test, base))]);
  return { ...results, ...Object.fromEntries(ours) };
}

function parted(groups, wanted) {
  return groups.map((group) => ({ ...group, tests: group.tests.filter(wanted) }));
}

async function runDeclared(suite, groups, base) {
  const { runTests, getResults } = await importFrom(suite.engine, 'client/runner.mjs');
  if (suite.modern) {
    register('./undici.mjs', import.meta.url);
    await runTests(groups, false, base);
  } else {
    const nodeFetch = createRequire(join(suite.root, 'package.json'))('node-fetch');
    await runTests(groups, (url, init) => nodeFetch(url, { ...init, timeout: REQUEST_MAX_MS }), false, base);
  }
  return getResults();
}

async function runOne(test, base) {
  try {
    await test.run({ base, dump: test.dump === true, patienceMs: REQUEST_MAX_MS, pauseMs: PAUSE_MS });
    return [test.id, true];
  } catch (error) {
    return [test.id, [error.name, error.message]];
  }
}
