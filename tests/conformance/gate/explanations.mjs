// Why a required or optimal test does not pass on a host: explanations.json, a list of `{host, suite, tests, why}`.

import { readFile } from 'node:fs/promises';
import { EXPLANATIONS } from './paths.mjs';
import { KINDS } from './tally.mjs';
import { passed } from './verdicts.mjs';

/** The explanations that are written down. */
export async function read() {
  return JSON.parse(await readFile(EXPLANATIONS, 'utf8'));
}

/**
 * Holds explanations against what hosts, `[{host, label, tests}]`, are known to do: `{explanations, missing, needless}`.
 *
 * `missing` and `needless` are tests, as HOST SUITE ID, that do not pass and are not explained, or the other way round.
 */
export function explained(hosts, explanations) {
  const short = hosts.flatMap(({ host, label, tests }) => [...tests]
    .filter(([, { kind, verdict }]) => KINDS.includes(kind) && !passed(verdict))
    .map(([id]) => `${host} ${label} ${id}`));
  const told = explanations.flatMap(({ host, suite, tests }) => tests.map((id) => `${host} ${suite} ${id}`));
  return {
    explanations,
    missing: short.filter((test) => !told.includes(test)),
    needless: told.filter((test) => !short.includes(test)),
  };
}
