// How old a response is, and how long it stays fresh: RFC 9111 §1.2.2, §4.2 and §5.1.

import { first, fromCache, fromOrigin } from './format.mjs';

export const age = {
  id: 'own-age',
  name: 'Ages and lifetimes',
  tests: [
    {
      id: 'own-lifetime-holds',
      name: 'A response whose `max-age` has not passed is reused',
      kind: 'optimal',
      requests: [first(['Cache-Control', 'max-age=3600'], ['Date', 0]), fromCache()],
    },
    {
      id: 'own-lifetime-ends',
      name: 'A response whose `max-age` has passed is not reused without validation (RFC 9111 §4.2)',
      depends_on: ['own-lifetime-holds'],
      requests: [first(['Cache-Control', 'max-age=1'], ['Date', 0]), fromOrigin()],
    },
    // §1.2.2: what is too big to represent counts as 2147483648 or as the greatest that is not, and so as older than an hour.
    tooOld('own-age-int32-max', '2147483647'),
    tooOld('own-age-int32-overflow', '2147483648'),
    tooOld('own-age-uint32-overflow', '4294967297'),
    tooOld('own-age-int64-overflow', '18446744073709551617'),
  ],
};

function tooOld(id, value) {
  return {
    id,
    name: `A response that arrives with \`Age: ${value}\` is not reused, fresh for an hour as it is`,
    depends_on: ['own-lifetime-holds'],
    requests: [first(['Date', 0], ['Cache-Control', 'max-age=3600'], ['Age', value, false]), fromOrigin()],
  };
}
