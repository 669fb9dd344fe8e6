// Parts of tests in the suite's format. Each call makes new objects: the suite's client writes into what it runs.
//
// A header is [name, value], or [name, value, false] where the cache need not hand it on. A whole number as the value of a
// date field is so many seconds from the origin's now.

/** A first request, whose answer the cache may or may not store; then the suite's pause of three seconds. */
export function first(...headers) {
  return { response_headers: headers, setup: true, pause_after: true };
}

/** A later request that the cache must answer by itself. `more` is added to it. */
export function fromCache(more = {}) {
  return { expected_type: 'cached', ...more };
}

/** A later request that must reach the origin. */
export function fromOrigin(more = {}) {
  return { expected_type: 'not_cached', ...more };
}
