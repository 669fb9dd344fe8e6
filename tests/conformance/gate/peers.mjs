// What the other caches did, from the results that the suite's authors store beside it.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inLines } from './json.mjs';
import { PEERS } from './paths.mjs';
import { importFrom } from './suites.mjs';
import { byGroup } from './tally.mjs';
import { judge } from './verdicts.mjs';

/** The names under which these caches are known, where the suite's differ. */
const NAMES = { ATS: 'Traffic Server', caddy: 'Caddy' };

/**
 * The caches that a checkout has results of, browsers left out:
 * `{version, names, peers: [{name, version, groups}]}`, where `names` maps the groups' ids to what they are called, and a
 * peer's `groups` are counts (tally.mjs).
 */
export async function fromCheckout(suite) {
  const { default: index } = await importFrom(suite.root, 'results/index.mjs');
  const peers = [];
  for (const { name, type, version, file } of index) {
    if (type === 'browser') continue;
    const results = JSON.parse(await readFile(join(suite.root, 'results', file), 'utf8'));
    peers.push({ name: NAMES[name] ?? name, version, groups: byGroup(judge(suite.groups, results).values()) });
  }
  return { version: suite.version, names: Object.fromEntries(suite.groups.map(({ id, name }) => [id, name])), peers };
}

/** The stored summary. */
export async function read() {
  return JSON.parse(await readFile(PEERS, 'utf8'));
}

/** Stores a summary, a line a group of tests. */
export function write(summary) {
  return writeFile(PEERS, inLines(summary, 4));
}
