// The tests of interim responses against caches that do it right, or wrong in one way.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { EARLY_FIELDS } from './interim-fields.mjs';
import { interim } from './interim.mjs';

const cases = [
  ['does it right', {}, []],
  ['drops interim responses', { interim: () => [] }, ['own-interim-102', 'own-interim-103', 'own-interim-fields-apart', 'own-interim-not-stored']],
  ['sends the interim response with every reuse', { interim: (status) => [status] }, ['own-interim-not-stored']],
  ['drops the fields of a 103', { fields: { link: EARLY_FIELDS.link } }, ['own-interim-103']],
  ['puts the fields of a 103 into the final response', { final: EARLY_FIELDS }, ['own-interim-fields-apart']],
  ['stores nothing', { counts: true }, interim.tests.map(({ id }) => id)],
];

for (const [what, flaw, wanted] of cases) {
  test(`a cache that ${what}`, async (context) => {
    const server = await cache(flaw);
    context.after(() => server.close());
    const base = `http://127.0.0.1:${server.address().port}`;
    const failed = await Promise.all(interim.tests.map(async ({ id, run }) => {
      try {
        await run({ base, dump: false, patienceMs: 1_000, pauseMs: 0 });
        return [];
      } catch (error) {
        assert.equal(error.name, 'Assertion', error.message);
        return [id];
      }
    }));
    assert.deepEqual(failed.flat().sort(), [...wanted].sort());
  });
}

test('an answer that is not the origin\'s is a matter of setup', async (context) => {
  const server = createServer((_, response) => response.writeHead(502).end());
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  await assert.rejects(interim.tests[0].run({ base: `http://127.0.0.1:${server.address().port}`, patienceMs: 1_000, pauseMs: 0 }), { name: 'Setup' });
});

/** A cache and its origin in one. */
async function cache({ interim: which = (status, count) => (count === 1 ? [status] : []), fields = EARLY_FIELDS, final = {}, counts = false }) {
  const seen = new Map();
  const server = createServer((request, response) => {
    const count = (seen.get(request.url) ?? 0) + 1;
    seen.set(request.url, count);
    const status = new URL(request.url, 'http://cache').searchParams.get('interim');
    for (const one of which(status, count)) {
      if (one === '102') response.writeProcessing();
      if (one === '103') response.writeEarlyHints(fields);
    }
    response.writeHead(200, { ...final, 'Own-Request-Count': String(counts ? count : 1) }).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
