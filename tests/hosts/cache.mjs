// The Cache API of workerd, which asks a service of its own for what Cloudflare's network would keep: bytes by URL, until
// their `max-age` is over. For tests: in memory, and of one process.
const kept = new Map();

const HEAD_END = new TextEncoder().encode("\r\n\r\n");

// Where the head of an HTTP message ends.
function headEnd(bytes) {
  for (let place = 0; place + 4 <= bytes.length; place += 1) {
    if (HEAD_END.every((byte, n) => bytes[place + n] === byte)) return place;
  }
  throw new Error("not an HTTP message");
}

async function put(request) {
  const bytes = new Uint8Array(await request.arrayBuffer());
  const end = headEnd(bytes);
  const [, ...lines] = new TextDecoder().decode(bytes.slice(0, end)).split("\r\n");
  const headers = new Headers(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
  if (headers.has("transfer-encoding")) return new Response(null, { status: 501 });
  const maxAge = Number(/max-age=(\d+)/.exec(headers.get("cache-control") ?? "")?.[1] ?? 0);
  if (maxAge > 0) {
    kept.set(request.url, { headers: [...headers], body: bytes.slice(end + 4), until: Date.now() + maxAge * 1000 });
  }
  return new Response(null, { status: 204 });
}

function match(url) {
  const found = kept.get(url);
  if (!found || found.until <= Date.now()) {
    kept.delete(url);
    return new Response(null, { status: 504, headers: { "cf-cache-status": "MISS" } });
  }
  return new Response(found.body, { headers: [...found.headers, ["cf-cache-status", "HIT"]] });
}

export default {
  async fetch(request) {
    if (request.method === "PUT") return put(request);
    if (request.method === "PURGE") return new Response(null, { status: kept.delete(request.url) ? 200 : 404 });
    return match(request.url);
  },
};
