// The handlers that Lambda@Edge calls. All decisions are the Wasm module's; clock and network are here.
"use strict";
const { readFileSync } = require("node:fs");
const { randomBytes } = require("node:crypto");
const { Edge } = require("./edge.js");

const edge = new Edge(readFileSync(`${__dirname}/edge.json`, "utf8"), randomBytes(8).readBigUInt64LE());

// What cannot be decided is refused, never let through: who may read what is said here.
const REFUSED = {
  status: "503",
  statusDescription: "Service Unavailable",
  headers: {
    "content-type": [{ key: "Content-Type", value: "application/problem+json" }],
    "cache-control": [{ key: "Cache-Control", value: "private, no-store" }],
    "retry-after": [{ key: "Retry-After", value: "1" }],
  },
  body: '{"type":"about:blank","title":"Too much is going on; try again later","status":503,"code":"overloaded"}',
};

// Asks the origin what is due: a page of its log about once a second. Where it does not answer, what is known grows old.
async function follow() {
  for (let question; (question = edge.question(Date.now())); ) {
    const { target, url, headers } = JSON.parse(question);
    try {
      const answer = await fetch(url, { headers, signal: AbortSignal.timeout(1000) });
      if (!answer.ok || !edge.take(target, await answer.text(), Date.now())) return;
    } catch (error) {
      console.warn(`no news from the origin: ${error.message}`);
      return;
    }
  }
}

const handler = (decide) => async (event) => {
  try {
    await follow();
    return JSON.parse(decide(JSON.stringify(event), Date.now()));
  } catch (error) {
    console.error(`could not decide: ${error.message}`);
    return REFUSED;
  }
};

exports.viewerRequest = handler((event, now) => edge.viewerRequest(event, now));
exports.originRequest = handler((event, now) => edge.originRequest(event, now));
exports.originResponse = handler((event, now) => edge.originResponse(event, now));
