// What may be stored and reused, and what a reused response still says.

import { first, fromCache } from './format.mjs';

export const reuse = {
  id: 'own-reuse',
  name: 'Storing and reusing',
  tests: [
    olderThan('own-no-store-spares-older', 'no-store'),
    olderThan('own-no-store-stale-spares-older', 'no-store, max-age=0'),
    {
      id: 'own-must-understand',
      name: '`must-understand` lifts `no-store` for a status that the cache understands (RFC 9111 §5.2.2.3)',
      kind: 'optimal',
      requests: [first(['Cache-Control', 'no-store, must-understand, max-age=600'], ['Date', 0]), fromCache()],
    },
    {
      id: 'own-date-kept',
      name: 'A response that is fresh by `Expires` is reused with the `Date` that it came with (RFC 9110 §6.6.1)',
      requests: [
        first(['Expires', 86400], ['Date', 0]),
        fromCache({ expected_response_headers: [['Date', 0]] }),
      ],
    },
  ],
};

/**
 * `no-store` says what to do with the response that carries it (RFC 9111 §5.2.2.5). One that is stored already, and still
 * fresh, is not touched by it: the second response of this test would be such a one.
 */
function olderThan(id, directives) {
  const marked = (mark) => ['Own-Mark', mark];
  return {
    id,
    name: `A fresh stored response stays in use when the origin would now answer \`${directives}\``,
    requests: [
      first(['Cache-Control', 'max-age=600'], ['Date', 0], marked('older')),
      { response_headers: [['Cache-Control', directives], ['Date', 0], marked('newer')], setup: true, pause_after: true },
      fromCache({ expected_response_headers: [marked('older')] }),
    ],
  };
}
