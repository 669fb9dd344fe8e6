// Bodies on their way through an edge, before any origin. Nothing waits for a clock: each side goes on when the other has seen.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { edgeOfThisRun } from "./edges.mjs";

let origin;
let edge;
// What the origin does with a request, by its path.
const answers = new Map();

before(async () => {
  origin = createServer((request, response) => (answers.get(request.url) ?? ((_, other) => other.end()))(request, response));
  origin.listen(0, "127.0.0.1");
  await once(origin, "listening");
  edge = await edgeOfThisRun()(`http://127.0.0.1:${origin.address().port}`);
});
after(async () => {
  await edge?.stop();
  origin.closeAllConnections();
  origin.close();
});

const text = (bytes) => new TextDecoder().decode(bytes);

test("an answer's start arrives while its end is not sent yet", async () => {
  const begun = deferred();
  answers.set("/slow", async (_, response) => {
    response.write("first");
    await begun.promise;
    response.end("last");
  });
  const reader = (await fetch(`${edge.url}/slow`)).body.getReader();
  assert.equal(text((await reader.read()).value), "first");
  begun.resolve();
  assert.equal(text((await reader.read()).value), "last");
  assert.equal((await reader.read()).done, true);
});

test("an answer that breaks off arrives as one, and is not stored", async () => {
  let asked = 0;
  answers.set("/broken", (_, response) => {
    asked += 1;
    response.setHeader("cache-control", "max-age=60");
    response.write("first", () => response.destroy());
  });
  for (const nth of [1, 2]) {
    await assert.rejects(async () => {
      const response = await fetch(`${edge.url}/broken`);
      if (response.status === 502) throw new Error("there is no answer");
      await response.text();
    });
    assert.equal(asked, nth);
  }
});

// Promise.withResolvers, which not every Node has.
function deferred() {
  let resolve;
  const promise = new Promise((does) => (resolve = does));
  return { promise, resolve };
}
