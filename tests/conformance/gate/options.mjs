// What the command line says.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const HELP = `\
Runs the public test suite for HTTP caches (http-tests/cache-tests) and compares each test with what is written down.

  tests/conformance/run [OPTIONS]

Which tests (without one of these: the release 0.4.5 from npm, and our supplement to it)
  --current            the suite's current tests, at a pinned commit, fetched by git into .tools/
  --suite DIR          another checkout of the suite
  --id TEST            one test, with what was sent and received; compares nothing

Which cache (without --base: target/release/stepwell edge, started and stopped here)
  --base URL           a host that runs already and forwards to http://127.0.0.1:N, where the suite's origin will be
  --origin-port N      that N
  --host NAME          whose baseline counts: baselines/NAME.*.json (native); with --base and without --host, none does

What comes of it
  --update             writes the baseline as this run found it, and CONFORMANCE.md; the change is for review
  --json               one JSON object on standard output
  --table              runs nothing; writes CONFORMANCE.md from the baselines and peers.json
  --peers              runs nothing; writes peers.json from the results that the suite's checkout stores (with --current
                       or --suite), and CONFORMANCE.md
  --help

A run fails when a test does worse or better than its baseline, or is new, or gone; then the line to write is printed.
Where no baseline counts, it fails when a required or an optimal test did not pass. Nothing is tried twice. It ends with
"N passed, N failed": the required and optimal tests that passed, and the complaints.

Examples
  tests/conformance/run                                        what CI runs, about a minute
  tests/conformance/run --current                              the tests that CONFORMANCE.md compares
  tests/conformance/run --id 304-etag-update-response-Test-Header
  tests/conformance/run --base http://127.0.0.1:8787 --origin-port 8000
  tests/conformance/run --base http://127.0.0.1:8787 --origin-port 8000 --host cloudflare --update`;

const OPTIONS = {
  base: { type: 'string' },
  current: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  host: { type: 'string' },
  id: { type: 'string' },
  json: { type: 'boolean', default: false },
  'origin-port': { type: 'string' },
  peers: { type: 'boolean', default: false },
  suite: { type: 'string' },
  table: { type: 'boolean', default: false },
  update: { type: 'boolean', default: false },
};

/** A command line that cannot be followed; its message says why. */
export class UsageError extends Error {}

/**
 * The options of a command line. Relative folders are the caller's: `from`.
 *
 * `host` is the baselines' name, or null where none is to be compared.
 */
export function parse(words, from) {
  const given = values(words);
  refuse(given.current && given.suite !== undefined, '--current and --suite are two suites; name one');
  refuse(given.peers && !given.current && given.suite === undefined, '--peers reads a checkout: add --current or --suite DIR');
  refuse((given.base === undefined) !== (given['origin-port'] === undefined),
    '--base and --origin-port belong together: the host at --base forwards to http://127.0.0.1:ORIGIN-PORT');
  refuse(given.base !== undefined && !/^https?:\/\/[^/]+$/.test(given.base), '--base is a URL without a path: http://127.0.0.1:8787');
  refuse(given.host !== undefined && !/^[a-z0-9-]+$/.test(given.host), '--host is a name of small letters, digits and -');
  const host = given.host ?? (given.base === undefined ? 'native' : null);
  refuse(given.update && host === null, '--update writes a baseline: say whose, with --host NAME');
  refuse(given.update && given.id !== undefined, '--update writes all tests, and --id runs one');
  return {
    base: given.base,
    current: given.current,
    help: given.help,
    host,
    id: given.id,
    json: given.json,
    originPort: port(given['origin-port']),
    peers: given.peers,
    suite: given.suite === undefined ? undefined : resolve(from, given.suite),
    table: given.table,
    update: given.update,
  };
}

function values(words) {
  try {
    return parseArgs({ args: words, options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function port(text) {
  if (text === undefined) return 0;
  const number = Number(text);
  refuse(!Number.isInteger(number) || number < 1 || number > 65535, '--origin-port is a number from 1 to 65535');
  return number;
}

function refuse(wrong, why) {
  if (wrong) throw new UsageError(why);
}
