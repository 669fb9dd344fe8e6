// What a host is known to do, by test id, and how a run differs from it.
//
// A file a suite and a host: baselines/HOST.SUITE.json. A test is a line, so that a change of it is one in review.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inLines } from './json.mjs';
import { BASELINES } from './paths.mjs';
import { passed } from './verdicts.mjs';

/** Where the baseline of a host and a suite lies. */
export function fileOf(host, label) {
  return join(BASELINES, `${host}.${label}.json`);
}

/** A baseline, `{version, tests}`, where `tests` maps ids to `{group, kind, verdict, alone}`; null if there is none. */
export async function read(file) {
  let text;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
  const { version, groups } = JSON.parse(text);
  const tests = new Map();
  for (const [group, members] of Object.entries(groups)) {
    for (const [id, { kind, verdict, alone = verdict }] of Object.entries(members)) tests.set(id, { group, kind, verdict, alone });
  }
  return { version, tests };
}

/** Writes what a run found as the baseline. */
export function write(file, version, judged) {
  return writeFile(file, serialize(version, judged));
}

/** A baseline's text. */
export function serialize(version, judged) {
  const groups = {};
  for (const [id, test] of judged) (groups[test.group] ??= {})[id] = entry(test);
  return inLines({ version, groups }, 3);
}

/** A test's line in a baseline. */
export function line(id, test) {
  return `${JSON.stringify(id)}: ${JSON.stringify(entry(test))}`;
}

function entry({ kind, verdict, alone }) {
  // `alone` is said only where a dependency hides it.
  return alone === verdict ? { kind, verdict } : { kind, verdict, alone };
}

/** The one difference where a host has no baseline yet. */
export function missing(file) {
  return { id: file, what: 'no baseline', was: null, is: null, detail: 'write it with --update', write: null };
}

/**
 * How a run differs from its baseline: `[{id, what, was, is, detail, write}]`, worst first.
 *
 * `what` is `regression`, `unexpected pass`, `changed`, `new` or `gone`; `write` the line that would make the baseline
 * agree, null for a test that is gone.
 */
export function compare(baseline, judged) {
  const differences = [];
  for (const [id, test] of judged) {
    const before = baseline.get(id);
    const what = before === undefined ? 'new' : change(before, test);
    if (what !== null) {
      differences.push({ id, what, was: before?.verdict ?? null, is: test.verdict, detail: test.detail, write: line(id, test) });
    }
  }
  for (const [id, { verdict }] of baseline) {
    if (!judged.has(id)) differences.push({ id, what: 'gone', was: verdict, is: null, detail: '', write: null });
  }
  return differences.sort((one, other) => ORDER.indexOf(one.what) - ORDER.indexOf(other.what));
}

const ORDER = ['regression', 'unexpected pass', 'changed', 'new', 'gone'];

function change(before, test) {
  if (['group', 'kind', 'verdict', 'alone'].every((field) => before[field] === test[field])) return null;
  if (passed(before.verdict) && !passed(test.verdict)) return 'regression';
  if (!passed(before.verdict) && passed(test.verdict)) return 'unexpected pass';
  return 'changed';
}
