// Journeys through an edge in a runtime of its own, before a real origin. By base URL: nothing here knows which edge it is.
import assert from "node:assert/strict";
import { after, before, test as anyTest } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { edgeOfThisRun } from "./edges.mjs";
import { origin as startOrigin } from "./origin.mjs";

// Every edge obeys a purge and a log-out within so long.
const OBEYED_WITHIN_MS = 2000;
const PASSWORD = "correct horse battery staple";

let origin;
let edge;

// What the edge of this run cannot do is skipped by its name, with the reason.
const test = (name, run) => anyTest(name, { skip: edgeOfThisRun().cannot?.[name] ?? false }, run);

before(async () => {
  origin = await startOrigin();
  edge = await edgeOfThisRun()(origin.url, origin.identity);
});
after(async () => {
  await edge?.stop();
  await origin?.stop();
});

const cacheStatus = (headers) => headers.get("cache-status");

async function ask(method, target, { token, json, headers } = {}) {
  const response = await fetch(edge.url + target, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(json && { "content-type": "application/json" }),
      ...headers,
    },
    body: json && JSON.stringify(json),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  const said = { status: response.status, headers: response.headers, cache: (edge.cacheOf ?? cacheStatus)(response.headers) };
  return { ...said, text, json: isJson && text ? JSON.parse(text) : undefined };
}

async function person(name) {
  const account = { email: `${name}@example.org`, password: PASSWORD };
  assert.equal((await ask("POST", "/v1/accounts", { json: account })).status, 201);
  const session = await ask("POST", "/v1/sessions", { json: account });
  assert.equal(session.status, 200);
  return session.json.access_token;
}

async function record(collection, token, json) {
  const made = await ask("POST", `/v1/collections/${collection}/records`, { token, json });
  assert.equal(made.status, 201, made.text);
  return `/v1/collections/${collection}/records/${made.json.id}`;
}

// What answers at last, within the bound.
async function within(look, isIt) {
  const deadline = Date.now() + OBEYED_WITHIN_MS;
  for (;;) {
    const answer = await look();
    if (isIt(answer)) return answer;
    assert.ok(Date.now() < deadline, `after ${OBEYED_WITHIN_MS} ms still ${answer.status} ${answer.cache} ${answer.text}`);
    await sleep(50);
  }
}

test("a public record is read from the origin once, and then from the edge", async () => {
  const token = await person("reader");
  const path = await record("posts", token, { title: "One", body: "Body" });
  const first = await ask("GET", path);
  assert.equal(first.json.title, "One");
  assert.match(first.cache, /fwd=uri-miss; stored/);
  const second = await ask("GET", path);
  assert.match(second.cache, /stepwell; hit/);
  assert.equal(second.text, first.text);
  const known = await ask("GET", path, { headers: { "if-none-match": first.headers.get("etag") } });
  assert.equal(known.status, 304);
  const head = await ask("HEAD", path);
  assert.deepEqual([head.status, head.text], [200, ""]);
});

test("who changes a record reads the change, and so does everybody", async () => {
  const token = await person("writer");
  const path = await record("posts", token, { title: "Old", body: "Body" });
  await ask("GET", path);
  assert.match((await ask("GET", path)).cache, /hit/);
  const changed = await ask("PATCH", path, { token, json: { title: "New" } });
  assert.equal(changed.status, 200, changed.text);
  assert.ok(changed.headers.get("stepwell-bookmark"));
  assert.equal((await ask("GET", path)).json.title, "New");
});

test("a change that this edge did not pass on is obeyed in time, under load", async () => {
  const token = await person("elsewhere");
  const path = await record("posts", token, { title: "Old", body: "Body" });
  await ask("GET", path);
  await origin.run("purge", "--everything");
  const fresh = await within(() => ask("GET", path), ({ cache }) => /purged/.test(cache));
  assert.equal(fresh.json.title, "Old");
});

test("a private note is stored, served to its owner, and is not there for anybody else", async () => {
  const [owner, other] = [await person("owner"), await person("other")];
  const path = await record("notes", owner, { text: "mine" });
  assert.equal((await ask("GET", path, { token: owner })).json.text, "mine");
  const again = await ask("GET", path, { token: owner });
  assert.match(again.cache, /hit/);
  assert.match(again.headers.get("cache-control"), /private/);
  const [theirs, nothing] = [await ask("GET", path, { token: other }), await ask("GET", path.slice(0, -4) + "zzzz", { token: other })];
  assert.deepEqual([theirs.status, theirs.json.code], [404, "not-found"]);
  assert.equal(nothing.status, 404);
  assert.equal((await ask("GET", path)).status, 401);
});

test("whoever logs out everywhere is refused in time", async () => {
  const token = await person("leaving");
  const path = await record("notes", token, { text: "mine" });
  await ask("GET", path, { token });
  assert.match((await ask("GET", path, { token })).cache, /hit/);
  assert.equal((await ask("DELETE", "/v1/sessions", { token })).status, 204);
  const refused = await within(() => ask("GET", path, { token }), ({ status }) => status === 401);
  assert.equal(refused.json.code, "unauthenticated");
});

test("what is wrong gets the problem that every edge gives", async () => {
  const unknown = await ask("GET", "/nowhere");
  assert.deepEqual([unknown.status, unknown.json.code], [404, "not-found"]);
  assert.equal((await ask("PUT", "/v1/sessions")).status, 405);
  assert.equal((await ask("GET", "/v1/collections/posts/records?unknown=1")).json.code, "bad-parameter");
  assert.equal((await ask("GET", "/v1/accounts/me", { token: "a.b.c" })).json.code, "unauthenticated");
  assert.equal((await ask("GET", "/v1/edge")).status, 404);
});
