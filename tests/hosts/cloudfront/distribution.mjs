// A distribution: what CloudFront does with a request between viewer and origin, as far as the generated policies and the
// functions can tell ("Lambda@Edge event structure", "Request and response behavior for custom origins" in CloudFront's
// developer guide).
import { randomUUID } from "node:crypto";
import { request as ask } from "node:http";
import { buffer } from "node:stream/consumers";

import { Cache, standing, values } from "./cache.mjs";

const CONNECTION_FIELDS = ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

export class Distribution {
  #cache = new Cache();
  #fills = new Map(); // Fills under way, by key: CloudFront collapses requests for one object.

  // `functions` has viewerRequest, originRequest and originResponse; `policies` is what the edge's build has generated.
  constructor({ origin, policies, functions }) {
    Object.assign(this, { origin: new URL(origin), policies, functions });
    this.patterns = policies.behaviours.map(({ path_pattern: pattern, kind }) => ({ kind, matches: matcher(pattern) }));
  }

  invalidate(items) {
    return this.#cache.invalidate(items);
  }

  // Answers one request of Node's server.
  async handle(incoming, outgoing) {
    const [uri, ...query] = incoming.url.split("?");
    let request = {
      clientIp: incoming.socket.remoteAddress,
      headers: fields(incoming.rawHeaders),
      method: incoming.method,
      querystring: query.join("?"),
      uri,
    };
    const decided = (this.patterns.find(({ matches }) => matches(uri))?.kind ?? "decided") === "decided";
    const config = { distributionDomainName: "d111111abcdef8.cloudfront.net", distributionId: "EDFDVBD6EXAMPLE", requestId: randomUUID() };
    if (decided) {
      const returned = await this.functions.viewerRequest.invoke(occasion(config, "viewer-request", { request }));
      if (returned.status) return this.#send(outgoing, { ...returned, made: true }, decided, request);
      request = returned;
    }
    const answer = await this.#answer(request, config, decided, incoming);
    return this.#send(outgoing, answer, decided, request);
  }

  async #answer(request, config, decided, incoming) {
    if (request.method !== "GET" && request.method !== "HEAD") return this.#fetch(request, config, incoming);
    const key = this.#key(request, decided);
    const entry = this.#cache.get(key);
    const now = Date.now();
    const stands = entry ? standing(entry, now) : "gone";
    const stored = (cache) => ({ ...entry, cache, age: Math.floor((now - entry.storedAt) / 1000) });
    if (stands === "fresh") return stored("Hit from cloudfront");
    if (stands === "revalidate") {
      this.#fill(key, request, config, entry).catch((error) => console.error(`behind an answer: ${error.message}`));
      return stored("Hit from cloudfront");
    }
    const answer = await this.#fill(key, request, config, entry);
    if (stands === "cover" && Number(answer.status) >= 500) return stored("Error from cloudfront");
    return answer;
  }

  // Asks the origin, once a key at a time; those who join get the answer only if it was stored.
  async #fill(key, request, config, entry) {
    const underWay = this.#fills.get(key);
    if (underWay && request.method === "GET") {
      const answer = await underWay.catch(() => undefined);
      if (answer?.stored) return answer;
    }
    const asking = this.#ask(key, request, config, entry);
    this.#fills.set(key, asking);
    try {
      return await asking;
    } finally {
      if (this.#fills.get(key) === asking) this.#fills.delete(key);
    }
  }

  async #ask(key, request, config, entry) {
    const [etag] = entry ? values(entry.headers, "etag") : [];
    const conditional = etag ? { "if-none-match": [{ key: "If-None-Match", value: etag }] } : {};
    const headers = { ...without(request.headers, ["if-none-match", "if-modified-since", "range"]), ...conditional };
    const answer = await this.#fetch({ ...request, headers }, config);
    if (request.method === "HEAD" || answer.made) return answer;
    const whole = answer.status === "304" && entry
      ? { ...answer, status: entry.status, body: entry.body, headers: { ...entry.headers, ...answer.headers } }
      : answer;
    const stored = this.#cache.put(key, { ...whole, path: request.uri }, this.policies.cache_tags.HeaderName, Date.now());
    return { ...whole, stored: Boolean(stored), cache: answer === whole ? "Miss from cloudfront" : "RefreshHit from cloudfront" };
  }

  // The functions on the origin's side, and the origin between them.
  async #fetch(request, config, incoming) {
    const forwarded = without(request.headers, ["host", ...(incoming ? [] : ["authorization"])]);
    const toOrigin = {
      ...request,
      headers: { ...forwarded, host: [{ key: "Host", value: this.origin.host }] },
      origin: { custom: { domainName: this.origin.hostname, port: Number(this.origin.port), protocol: "http", path: "", customHeaders: {} } },
    };
    const sent = await this.functions.originRequest.invoke(occasion(config, "origin-request", { request: toOrigin }));
    if (sent.status) return { ...sent, made: true };
    const response = await this.#send_on(sent, incoming);
    const body = response.body;
    const told = without(response, ["body"]);
    const answer = await this.functions.originResponse.invoke(occasion(config, "origin-response", { request: sent, response: told }));
    return { ...answer, body: answer.body ?? body };
  }

  #send_on(request, incoming) {
    const { host, ...rest } = request.headers;
    const headers = Object.entries(rest).flatMap(([name, lines]) => lines.map(({ key, value }) => [key ?? name, value]));
    const path = request.querystring ? `${request.uri}?${request.querystring}` : request.uri;
    return new Promise((resolve) => {
      const failed = (error) => {
        console.error(`no answer from the origin: ${error.message}`);
        resolve({ status: "502", statusDescription: "Bad Gateway", headers: {}, body: Buffer.alloc(0) });
      };
      const { hostname, port } = this.origin;
      const options = { hostname, port, path, method: request.method, headers: [["Host", host[0].value], ...headers].flat(), setHost: false };
      const asking = ask(options, async (response) => {
        try {
          const status = String(response.statusCode);
          resolve({ status, statusDescription: response.statusMessage, headers: fields(response.rawHeaders), body: await buffer(response) });
        } catch (error) {
          failed(error);
        }
      });
      asking.on("error", failed);
      if (incoming) incoming.pipe(asking);
      else asking.end();
    });
  }

  #key(request, decided) {
    const parameters = (decided ? this.policies.decided : this.policies.open).ParametersInCacheKeyAndForwardedToOrigin;
    const headers = parameters.HeadersConfig.Headers.Items.map((name) => values(request.headers, name).join());
    const cookies = values(request.headers, "cookie").flatMap((line) => line.split(";").map((pair) => pair.trim()));
    const named = parameters.CookiesConfig.Cookies?.Items ?? [];
    const kept = cookies.filter((pair) => named.includes(pair.split("=")[0]));
    return JSON.stringify([request.uri, request.querystring, headers, kept]);
  }

  #send(outgoing, answer, decided, request) {
    const headers = without(answer.headers, CONNECTION_FIELDS);
    const policy = decided ? this.policies.decided_response : this.policies.open_response;
    for (const { Header, Value } of policy?.CustomHeadersConfig?.Items ?? []) headers[Header.toLowerCase()] = [{ key: Header, value: Value }];
    for (const { Header } of policy?.RemoveHeadersConfig?.Items ?? []) delete headers[Header];
    if (answer.age !== undefined) headers.age = [{ key: "Age", value: String(answer.age) }];
    headers["x-cache"] = [{ key: "X-Cache", value: answer.made ? "LambdaGeneratedResponse from cloudfront" : (answer.cache ?? "Miss from cloudfront") }];
    const [etag] = values(headers, "etag");
    const asked = values(request.headers, "if-none-match").flatMap((line) => line.split(",").map((tag) => weak(tag)));
    const unchanged = answer.status === "200" && ["GET", "HEAD"].includes(request.method) && etag && (asked.includes(weak(etag)) || asked.includes("*"));
    const body = unchanged ? "" : (answer.body ?? "");
    delete headers["content-length"];
    const status = unchanged ? 304 : Number(answer.status);
    if (status !== 304 && status !== 204) headers["content-length"] = [{ key: "Content-Length", value: String(Buffer.byteLength(body)) }];
    outgoing.writeHead(status, Object.entries(headers).flatMap(([name, lines]) => lines.flatMap(({ key, value }) => [key ?? name, value])));
    outgoing.end(request.method === "HEAD" ? undefined : body);
  }
}

// Node's raw fields as an event has them.
function fields(raw) {
  const read = {};
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i].toLowerCase();
    if (CONNECTION_FIELDS.includes(name)) continue;
    (read[name] ??= []).push({ key: raw[i], value: raw[i + 1] });
  }
  return read;
}

function occasion(config, eventType, members) {
  return { Records: [{ cf: { config: { ...config, eventType }, ...members } }] };
}

function without(object, names) {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

// CloudFront's patterns: `*` is anything, `?` one character.
function matcher(pattern) {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  const expression = new RegExp(`^${source}$`);
  return (path) => expression.test(path);
}

function weak(tag) {
  return tag.trim().replace(/^W\//, "");
}
