// What a test's result means, by the suite's own rules.
//
// | verdict      | kinds              | why                                                                            |
// |--------------|--------------------|--------------------------------------------------------------------------------|
// | `pass`       | required, optimal  |                                                                                |
// | `fail`       | required, optimal  | the cache did what the test forbids, or did not what it asks for               |
// | `yes`, `no`  | check              | the answer to a question; neither is wrong                                     |
// | `dependency` | all                | a test on which this one depends did not pass, so that a pass would say nothing |
// | `setup`      | all                | what the test needs before its question did not happen                         |
// | `retry`      | all                | somebody sent a request twice                                                  |
// | `harness`    | all                | the exchange broke: a reset connection, an answer that is no HTTP              |
// | `untested`   | all                | there is no result                                                             |
//
// From `dependency` on they are not observed, and never a pass. The suite shows `harness` as a failure (it means to tell
// them apart, but compares with something that never is); for who depends on the test that is the same.

import { testsOf } from './suites.mjs';

const PASSED = new Set(['pass', 'yes']);
const OBSERVED = new Set(['pass', 'fail', 'yes', 'no']);

/**
 * Judges a run's results: a map from test ids to `{group, kind, verdict, alone, detail}`.
 *
 * `alone` is the verdict without regard to dependencies, as the figures at cache-tests.fyi are usually counted. `detail`
 * is the suite's sentence about what went wrong.
 */
export function judge(groups, results) {
  const tests = new Map(testsOf(groups).map(({ group, test }) => [test.id, { group, test }]));
  const known = new Map();
  const verdictOf = (id) => {
    if (!tests.has(id)) return 'untested';
    if (!known.has(id)) {
      const { test } = tests.get(id);
      // The suite asks for a result first: a test that did not run is untested, whatever it depends on.
      const ready = results[id] === undefined || (test.depends_on ?? []).every((other) => PASSED.has(verdictOf(other)));
      known.set(id, ready ? alone(test, results[id]) : 'dependency');
    }
    return known.get(id);
  };
  return new Map([...tests].map(([id, { group, test }]) => [id, {
    group,
    kind: kindOf(test),
    verdict: verdictOf(id),
    alone: alone(test, results[id]),
    detail: Array.isArray(results[id]) ? String(results[id][1]) : '',
  }]));
}

/** `required`, `optimal` or `check`. A test that does not say is required. */
export function kindOf(test) {
  const kind = test.kind ?? 'required';
  if (!['required', 'optimal', 'check'].includes(kind)) throw new Error(`${test.id} is of an unknown kind: ${kind}`);
  return kind;
}

/** Whether a verdict says that a test passed: that a cache does what is asked of it. An answered question does not. */
export function passed(verdict) {
  return verdict === 'pass';
}

/** Whether a verdict says something about the cache. */
export function observed(verdict) {
  return OBSERVED.has(verdict);
}

function alone(test, result) {
  const asks = kindOf(test) === 'check';
  if (result === undefined) return 'untested';
  if (result === true) return asks ? 'yes' : 'pass';
  const [name, message] = result;
  if (name === 'Setup') return message === 'retry' ? 'retry' : 'setup';
  if (name !== 'Assertion') return 'harness';
  return asks ? 'no' : 'fail';
}
