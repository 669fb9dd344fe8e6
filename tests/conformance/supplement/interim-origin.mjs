// The origin's side of interim.mjs: /own/NAME?interim=STATUS

import { EARLY_FIELDS } from './interim-fields.mjs';

const counts = new Map();

/** Answers a request for a test's resource: the interim response that the query asks for, then one that may be stored. */
export function handle([name], request, response) {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  const interim = new URL(request.url, 'http://origin').searchParams.get('interim');
  if (interim === '102') response.writeProcessing();
  if (interim === '103') response.writeEarlyHints(EARLY_FIELDS);
  response.writeHead(200, { 'Cache-Control': 'max-age=600', 'Content-Type': 'text/plain', 'Own-Request-Count': String(count) });
  response.end('final');
}
