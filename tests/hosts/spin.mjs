// The component in the real runtime that Spin is made of, wasmtime, without Spin around it: as it is built for any host of
// WASI HTTP, with the environment for its configuration and each instance's memory for its entries.
import path from "node:path";

import { freePort, start } from "./processes.mjs";

const root = path.join(import.meta.dirname, "../..");
const wasmtime = path.join(root, ".tools/python/bin/wasmtime");
const built = path.resolve(root, process.env.EDGE_OUTPUT ?? "target/edge", "spin");

// wasmtime drops an instance, and what it remembers, after 128 requests or a second without any. It also begins another when
// many requests come at once, and nothing keeps it from that: what needs one memory for all is asked for one by one here.
const ONE_INSTANCE = [
  "--max-instance-reuse-count=1000000",
  "--max-instance-concurrent-reuse-count=1000",
  "--idle-instance-timeout=600s",
];

// What wasmtime lacks beside Spin: it tells a component neither its client's address nor for which name a request is, has no
// variables and no key-value store. `edge.wasm`, which asks for these two, is built and never started here.

// Starts it in front of an origin; `identity` is by what a Stepwell origin knows it.
export async function spin(origin, identity) {
  const environment = { STEPWELL_ORIGIN: origin };
  if (identity) Object.assign(environment, { STEPWELL_EDGE_NAME: identity.name, STEPWELL_EDGE_KEY: identity.key });
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  // By name alone, so that no key is seen among the arguments.
  const inherited = Object.keys(environment).map((name) => `--env=${name}`);
  const options = ["-Scli=y,http=y,p3=y", "-Wcomponent-model-async=y", `--addr=${address}`, ...ONE_INSTANCE, ...inherited];
  const process = await start(wasmtime, ["serve", ...options, path.join(built, "wasi.wasm")], environment, url);
  return { ...process, url };
}
