// Where things lie in the checkout.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** tests/conformance. */
export const HERE = fileURLToPath(new URL('..', import.meta.url));

/** The suite's release that npm installed. */
export const NPM_SUITE = join(HERE, 'node_modules', 'http-cache-tests');

/** What each host is known to do: HOST.SUITE.json. */
export const BASELINES = join(HERE, 'baselines');

/** What the other caches did, as the suite's authors stored it. */
export const PEERS = join(HERE, 'peers.json');

/** Why tests do not pass. */
export const EXPLANATIONS = join(HERE, 'explanations.json');

/** The document with the tables. */
export const DOCUMENT = join(ROOT, 'CONFORMANCE.md');
