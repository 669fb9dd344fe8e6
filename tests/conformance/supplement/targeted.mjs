// CDN-Cache-Control: RFC 9213.
//
// §2.1: the field is a Structured Field Dictionary whose members are response directives; a cache that honours it uses it
// in place of `Cache-Control` and `Expires`. A field that does not parse, or is empty, is as if it were not there.

import { first, fromCache, fromOrigin } from './format.mjs';

/** The field. A cache may keep it for itself. */
const cdn = (value) => ['CDN-Cache-Control', value, false];
const now = ['Date', 0];

export const targeted = {
  id: 'own-targeted',
  name: 'Targeted cache control',
  tests: [
    {
      id: 'own-cdn-nothing-said',
      name: 'Is a response that says nothing of freshness fetched again?',
      kind: 'check',
      requests: [first(), fromOrigin()],
    },
    reused('own-cdn-max-age', 'A lifetime in the field is enough', [cdn('max-age=600')], 'own-cdn-nothing-said'),
    reused('own-cdn-max-age-int32-overflow', 'A lifetime may exceed 31 bits', [cdn('max-age=2147483648')], 'own-cdn-nothing-said'),
    reused('own-cdn-max-age-huge', 'A lifetime may have as many digits as an Integer has', [cdn('max-age=999999999999999')], 'own-cdn-nothing-said'),
    reused('own-cdn-unknown-member', 'Members that nobody knows are passed over', [cdn('own-member, max-age=600')]),
    reused('own-cdn-over-expired', 'The field counts before an `Expires` that has passed', [cdn('max-age=600'), ['Expires', -600], now]),
    reused('own-cdn-over-invalid-expires', 'The field counts before an `Expires` that is no date', [cdn('max-age=600'), ['Expires', 'never', false], now]),
    reused('own-cdn-over-shorter', 'The field counts before a shorter `max-age`', [['Cache-Control', 'max-age=1'], cdn('max-age=600')]),
    { ...reused('own-cdn-over-no-store', 'The field counts before `no-store`', [['Cache-Control', 'no-store'], cdn('max-age=600')]), kind: 'required' },

    fetched('own-cdn-age', 'The age counts against the field\'s lifetime', [now, cdn('max-age=600'), ['Age', '601']]),
    fetched('own-cdn-lifetime-none', 'A lifetime of nothing is over at once', [cdn('max-age=0')]),
    fetched('own-cdn-lifetime-none-over-expires', 'A lifetime of nothing counts before a future `Expires`', [cdn('max-age=0'), ['Expires', 600], now]),
    fetched('own-cdn-over-longer', 'The field counts before a longer `max-age`', [['Cache-Control', 'max-age=600'], cdn('max-age=1')]),
    fetched('own-cdn-private', '`private` in the field forbids a shared cache to store', [...fresh(), cdn('private')]),
    fetched('own-cdn-no-cache', '`no-cache` in the field forbids reuse without validation', [...fresh(), cdn('no-cache')]),
    fetched('own-cdn-no-store', '`no-store` in the field forbids to store', [...fresh(), cdn('no-store')]),
    fetched('own-cdn-not-a-dictionary', 'A field that does not parse is as if it were not there', [['Cache-Control', 'no-store'], cdn('max-age=600, !')]),
    fetched('own-cdn-unclosed-string', 'The same, where it breaks off in a string', [['Cache-Control', 'no-store'], cdn('max-age=600, own="')]),
    fetched('own-cdn-string-for-integer', 'A lifetime is an Integer, and no String', [['Cache-Control', 'no-store'], cdn('max-age="600"')]),
  ],
};

/** What makes a response fresh for whoever does not heed the field. */
function fresh() {
  return [['Cache-Control', 'max-age=600'], ['Expires', 600], now];
}

function reused(id, name, headers, dependsOn = 'own-cdn-max-age') {
  return { id, name, kind: 'optimal', depends_on: [dependsOn], requests: [first(...headers.map((header) => [...header])), fromCache()] };
}

/** That a cache fetches again says something only of one that would else have reused. */
function fetched(id, name, headers) {
  return { id, name, depends_on: ['own-cdn-max-age'], requests: [first(...headers.map((header) => [...header])), fromOrigin()] };
}
