// What a run tells: to people, and to programs.

import { byGroup, KINDS, total } from './tally.mjs';
import { observed, passed } from './verdicts.mjs';

/**
 * What came of a suite: `{label, version, tests, passed, complaints}`.
 *
 * `tests` are the judged ones (verdicts.mjs). `complaints` are what makes a run fail: the differences from the baseline,
 * or, where there is none to compare with, each required and optimal test that did not pass.
 */
export function outcome({ label, version }, judged, differences) {
  const counts = total(byGroup(judged.values()));
  return {
    label,
    version,
    tests: judged,
    passed: counts.required.passed + counts.optimal.passed,
    complaints: differences ?? shortOf(judged),
  };
}

function shortOf(judged) {
  return [...judged].filter(([, { kind, verdict }]) => KINDS.includes(kind) && !passed(verdict))
    .map(([id, { verdict, detail }]) => ({ id, what: 'not passed', was: null, is: verdict, detail, write: null }));
}

const HOW_TO_ACCEPT = '  To accept a difference, write its line into the baseline; --update writes them all.';

/** The lines for people about one suite. */
export function lines({ label, version, tests, complaints }) {
  const counts = total(byGroup(tests.values()));
  return [
    `${label} ${version}`.trim(),
    ...KINDS.map((kind) => `  ${kind.padEnd(8)}  ${counts[kind].passed} of ${counts[kind].tests} passed`),
    `  checks    ${howMany(tests, ({ verdict }) => verdict === 'yes')} yes, ${howMany(tests, ({ verdict }) => verdict === 'no')} no`,
    ...unobserved(tests),
    ...complaints.flatMap(complaint),
    ...(complaints.some(({ write }) => write !== null) ? [HOW_TO_ACCEPT] : []),
  ];
}

function unobserved(tests) {
  const found = new Map();
  for (const { verdict } of tests.values()) if (!observed(verdict)) found.set(verdict, (found.get(verdict) ?? 0) + 1);
  const parts = [...found].map(([verdict, count]) => `${count} ${verdict}`);
  return parts.length === 0 ? [] : [`  not observed, counted above as not passed: ${parts.join(', ')}`];
}

function complaint({ id, what, was, is, detail, write }) {
  const change = [was, is].filter((verdict) => verdict !== null).join(' → ');
  const said = `  ${what.toUpperCase()}  ${id}  ${[change, detail].filter((part) => part !== '').join(': ')}`;
  return write === null ? [said] : [said, `      ${write}`];
}

/** The closing line. */
export function closing(outcomes) {
  const sum = (count) => outcomes.reduce((before, one) => before + count(one), 0);
  return `${sum((one) => one.passed)} passed, ${sum((one) => one.complaints.length)} failed`;
}

/** The object for programs. */
export function json(host, base, outcomes) {
  return {
    host,
    base,
    passed: outcomes.reduce((sum, one) => sum + one.passed, 0),
    failed: outcomes.reduce((sum, one) => sum + one.complaints.length, 0),
    suites: outcomes.map(({ label, version, tests, complaints }) => ({
      label, version, counts: total(byGroup(tests.values())), complaints, tests: Object.fromEntries(tests),
    })),
  };
}

function howMany(tests, wanted) {
  return [...tests.values()].filter(wanted).length;
}
