// Our supplement to the suite's release: what RFCs ask of a shared cache that the release has no test for.
//
// Most tests are written in the suite's own format (its README describes it) and run by its client. What that cannot
// express, interim responses, is a function `run({base, dump, patienceMs, pauseMs})` that throws what the suite would:
// an error named `Assertion`, or `Setup` for what comes before the question.

import { age } from './age.mjs';
import { interim } from './interim.mjs';
import { reuse } from './reuse.mjs';
import { stale } from './stale.mjs';
import { targeted } from './targeted.mjs';

/** The supplement, as a suite (gate/suites.mjs) that has tests and no engine. */
export const supplement = { label: 'own', version: '', groups: [age, reuse, stale, targeted, interim] };
