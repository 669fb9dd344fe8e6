// How many tests passed, by group and kind: the one count behind every figure that we print.

import { passed } from './verdicts.mjs';

/** The kinds that a cache passes or not; a check only asks. */
export const KINDS = ['required', 'optimal'];

/**
 * Counts judged tests, `[{group, kind, verdict, alone}]`: group → kind → `{tests, passed, alone}`.
 *
 * `alone` counts a pass also where a test on which it depends did not pass, as figures about this suite usually do.
 */
export function byGroup(judged) {
  const groups = {};
  for (const { group, kind, verdict, alone } of judged) {
    groups[group] ??= { required: none(), optimal: none() };
    if (!KINDS.includes(kind)) continue;
    const count = groups[group][kind];
    count.tests += 1;
    count.passed += passed(verdict) ? 1 : 0;
    count.alone += passed(alone) ? 1 : 0;
  }
  return groups;
}

/** The sum over all groups: kind → `{tests, passed, alone}`. */
export function total(groups) {
  const sum = { required: none(), optimal: none() };
  for (const group of Object.values(groups)) {
    for (const kind of KINDS) for (const field of Object.keys(sum[kind])) sum[kind][field] += group[kind][field];
  }
  return sum;
}

function none() {
  return { tests: 0, passed: 0, alone: 0 };
}
