// Starts the edge, and answers in its place should it fail: there is no panic in what decides, so that this is for what
// the platform throws. Nothing here decides anything else.
import { __wbg_reset_state as startAnew, fetch as answer, initSync as start } from "./edge.js";
import module from "./edge_bg.wasm";

start({ module });
let hasFailed = false;
const underWay = new Set();

// The edge calls this when it panics: none of its requests will be answered, and it must not be used again.
globalThis.stepwellFailed = (why) => {
  hasFailed = true;
  for (const fail of underWay) fail(new Error(why));
};

// Headers cross as one text: name and value in turn, each ended by a line end, which neither can hold.
globalThis.stepwellText = (headers) => {
  let text = "";
  for (const [name, value] of headers) text += `${name}\n${value}\n`;
  return text;
};
globalThis.stepwellHeaders = (text) => {
  const headers = new Headers();
  const parts = text.split("\n");
  for (let place = 0; place + 1 < parts.length; place += 2) headers.append(parts[place], parts[place + 1]);
  return headers;
};

export default {
  async fetch(request, env, context) {
    const failing = Promise.withResolvers();
    underWay.add(failing.reject);
    try {
      if (hasFailed) startAnew();
      hasFailed = false;
      return await Promise.race([answer(request, env, context), failing.promise]);
    } catch (error) {
      hasFailed ||= error instanceof WebAssembly.RuntimeError;
      console.error(`the edge failed: ${error}`);
      return inItsPlace(request, env);
    } finally {
      underWay.delete(failing.reject);
    }
  },
};

// What anybody may read goes to the origin as it is, where the origin takes requests that no edge has signed. All else is
// refused: who may have it is not known.
function inItsPlace(request, env) {
  const reads = request.method === "GET" || request.method === "HEAD";
  const isAnybodys = !request.headers.has("authorization") && !request.headers.has("cookie");
  if (reads && isAnybodys && !env.STEPWELL_EDGE_NAME && env.STEPWELL_ORIGIN) {
    const { pathname, search } = new URL(request.url);
    return fetch(env.STEPWELL_ORIGIN.replace(/\/$/, "") + pathname + search, {
      method: request.method,
      headers: request.headers,
      redirect: "manual",
    });
  }
  const problem = { type: "urn:stepwell:problem:internal", title: "Something went wrong on our side", status: 500, code: "internal" };
  return new Response(JSON.stringify(problem), {
    status: 500,
    headers: { "content-type": "application/problem+json", "cache-control": "private, no-store" },
  });
}
