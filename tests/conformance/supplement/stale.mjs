// stale-while-revalidate: RFC 5861 §3.

import { first, fromCache, fromOrigin } from './format.mjs';

export const stale = {
  id: 'own-stale',
  name: 'Stale while revalidating',
  tests: [
    {
      id: 'own-swr-serves-stale',
      name: 'Within its window, a stale response is served at once',
      kind: 'optimal',
      requests: [
        first(['Cache-Control', 'max-age=1, stale-while-revalidate=600'], ['ETag', '"a"']),
        fromCache(),
      ],
    },
    {
      id: 'own-swr-revalidates',
      name: 'A response that was served stale is replaced by what its revalidation brought',
      kind: 'optimal',
      depends_on: ['own-swr-serves-stale'],
      requests: [
        first(['Cache-Control', 'max-age=1, stale-while-revalidate=600']),
        // The cache answers this from its store and asks the origin beside; these are the headers that the origin sends.
        fromCache({ response_headers: [['Cache-Control', 'max-age=600', false]], setup: true, pause_after: true }),
        fromCache({ expected_response_headers: [['Server-Request-Count', '2']] }),
      ],
    },
    {
      id: 'own-swr-window-ends',
      name: 'After its window, a stale response is not served any more',
      depends_on: ['own-swr-serves-stale'],
      requests: [
        first(['Cache-Control', 'max-age=1, stale-while-revalidate=1'], ['Date', 0]),
        fromOrigin(),
      ],
    },
  ],
};
