// Interim responses: RFC 9110 §15.2, RFC 8297, RFC 9111 §3.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { EARLY_FIELDS } from './interim-fields.mjs';

export const interim = {
  id: 'own-interim',
  name: 'Interim responses',
  tests: [
    {
      id: 'own-interim-102',
      name: 'A 102 is handed on (RFC 9110 §15.2), and the final response stored',
      kind: 'optimal',
      run: (host) => twice(host, '102', (one, other) => {
        expect(one.interim, [{ status: 102, early: {} }], 'interim responses');
        expectStored(one, other);
      }),
    },
    {
      id: 'own-interim-103',
      name: 'A 103 is handed on with its fields (RFC 8297 §2), and the final response stored',
      kind: 'optimal',
      run: (host) => twice(host, '103', (one, other) => {
        expect(one.interim, [{ status: 103, early: EARLY_FIELDS }], 'interim responses');
        expectStored(one, other);
      }),
    },
    {
      id: 'own-interim-not-stored',
      name: 'Only a final response is stored (RFC 9111 §3): a reused one comes alone',
      run: (host) => twice(host, '103', (one, other) => {
        expect(one.interim.length, 1, 'number of interim responses');
        expectStored(one, other);
        expect(other.interim, [], 'interim responses of the reused response');
      }),
    },
    {
      id: 'own-interim-fields-apart',
      name: 'The fields of a 103 do not become those of the final response (RFC 8297 §2)',
      kind: 'optimal',
      run: (host) => twice(host, '103', (one, other) => {
        expect(one.interim.length, 1, 'number of interim responses');
        expectStored(one, other);
        expect([one.early, other.early], [{}, {}], 'fields of the 103 in the final responses');
      }),
    },
  ],
};

/** Asks for a resource of its own, twice, and judges the two answers. */
async function twice({ base, dump, patienceMs, pauseMs }, status, judge) {
  const url = `${base}/own/${randomUUID()}?interim=${status}`;
  const one = await exchange(url, patienceMs);
  await pause(pauseMs);
  const other = await exchange(url, patienceMs);
  if (dump) for (const answer of [one, other]) console.log(`GET ${url}\n    ${JSON.stringify(answer)}`);
  for (const { status: final } of [one, other]) expect(final, 200, 'status', 'Setup');
  judge(one, other);
}

/** `{status, interim: [{status, early}], early, count}`: `early` are the fields that only a 103 should have. */
function exchange(url, patienceMs) {
  return new Promise((resolve, reject) => {
    const interim = [];
    const request = get(url, { agent: false, timeout: patienceMs }, (response) => {
      const { statusCode: status, headers } = response;
      response.resume();
      response.on('error', reject);
      response.on('end', () => resolve({ status, interim, early: early(headers), count: headers['own-request-count'] }));
    });
    request.on('information', ({ statusCode: status, headers }) => interim.push({ status, early: early(headers) }));
    request.on('timeout', () => request.destroy(new Error(`no answer for ${patienceMs} ms`)));
    request.on('error', reject);
  });
}

function early(headers) {
  return Object.fromEntries(Object.keys(EARLY_FIELDS).filter((name) => name in headers).map((name) => [name, headers[name]]));
}

/** That the second answer is the first one's, stored. */
function expectStored(one, other) {
  expect([one.count, other.count], ['1', '1'], 'count of requests at the origin, as the two answers say it');
}

function expect(found, wanted, what, name = 'Assertion') {
  try {
    assert.deepEqual(found, wanted);
  } catch {
    throw Object.assign(new Error(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`), { name });
  }
}
