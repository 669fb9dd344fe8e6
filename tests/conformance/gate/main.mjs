// The gate: runs the suite's tests against a host and compares what comes of it with what is written down.

import { relative } from 'node:path';
import * as baseline from './baseline.mjs';
import { currentSuite } from './checkout.mjs';
import { run } from './engine.mjs';
import { startNativeEdge, startOrigin } from './hosts.mjs';
import { HELP, parse, UsageError } from './options.mjs';
import { NPM_SUITE, ROOT } from './paths.mjs';
import * as peers from './peers.mjs';
import * as report from './report.mjs';
import { load, only } from './suites.mjs';
import { writeDocument } from './table.mjs';
import { judge } from './verdicts.mjs';
import { supplement } from '../supplement/index.mjs';

/** Does what the options ask, and returns the status to end with: 0, or 1 where a test or the comparison failed. */
async function main(options) {
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  if (options.table) {
    await writeDocument();
    return 0;
  }
  const suite = await load(options.suite ?? (options.current ? await currentSuite() : NPM_SUITE));
  if (options.peers) {
    await peers.write(await peers.fromCheckout(suite));
    await writeDocument();
    return 0;
  }
  // The suite's client and its handlers tell what happens by console.log.
  if (options.json) console.log = console.error;
  // What the current suite has over its release, the supplement has as well.
  const suites = suite.modern ? [suite] : [suite, supplement];
  return options.id === undefined ? runAll(suite, suites, options) : runOne(suite, suites, options);
}

async function runAll(engine, suites, options) {
  const { base, results } = await exchange(engine, suites.flatMap(({ groups }) => groups), options);
  const outcomes = [];
  for (const suite of suites) {
    const judged = judge(suite.groups, results);
    const outcome = await compared(suite, judged, options);
    if (!options.json) console.log(report.lines(outcome).join('\n'));
    outcomes.push(outcome);
  }
  if (options.update) await writeDocument();
  if (options.json) process.stdout.write(`${JSON.stringify(report.json(options.host, base, outcomes))}\n`);
  else console.log(report.closing(outcomes));
  return outcomes.every(({ complaints }) => complaints.length === 0) ? 0 : 1;
}

/** What came of a suite, beside its baseline: compared with it, or written as it. */
async function compared(suite, judged, { host, update }) {
  if (host === null) return report.outcome(suite, judged, null);
  const file = baseline.fileOf(host, suite.label);
  if (update) {
    await baseline.write(file, suite.version, judged);
    return report.outcome(suite, judged, []);
  }
  const before = await baseline.read(file);
  return report.outcome(suite, judged, before === null ? [baseline.missing(relative(ROOT, file))] : baseline.compare(before.tests, judged));
}

async function runOne(engine, suites, options) {
  const groups = only(suites.flatMap((suite) => suite.groups), options.id);
  if (groups.length === 0) throw new UsageError(`no test is called ${options.id}`);
  const { base, results } = await exchange(engine, groups, options);
  const [{ kind, alone, detail }] = judge(groups, results).values();
  if (options.json) process.stdout.write(`${JSON.stringify({ host: options.host, base, id: options.id, kind, verdict: alone, detail })}\n`);
  else console.log(`${options.id} (${kind}): ${alone}${detail === '' ? '' : `: ${detail}`}`);
  return alone === 'pass' || alone === 'yes' ? 0 : 1;
}

/** Starts what is to be started, runs the tests, and stops it again: `{base, results}`. */
async function exchange(engine, groups, options) {
  const echo = options.id === undefined ? undefined : (options.json ? process.stderr : process.stdout);
  const origin = await startOrigin(engine, options.originPort, echo);
  try {
    const host = options.base === undefined ? await startNativeEdge(origin.port) : { base: options.base, stop: async () => {} };
    try {
      return { base: host.base, results: await run(engine, groups, host.base) };
    } finally {
      await host.stop();
    }
  } finally {
    await origin.stop();
  }
}

let status = 2;
try {
  status = await main(parse(process.argv.slice(2), process.cwd()));
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\nSee tests/conformance/run --help.` : error.message);
}
// The current suite leaves connections of its client open.
process.exit(status);
