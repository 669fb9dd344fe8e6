// The Worker in the real runtime of Cloudflare's Workers, workerd.
import { createRequire } from "node:module";
import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { freePort, start } from "./processes.mjs";

const here = import.meta.dirname;
const root = path.join(here, "../..");
const built = path.resolve(root, process.env.EDGE_OUTPUT ?? "target/edge", "cloudflare");

// workerd's npm package is a script that looks for this.
function binary() {
  const require = createRequire(import.meta.url);
  const platform = { linux: "linux", darwin: "darwin" }[process.platform];
  return require.resolve(`@cloudflare/workerd-${platform}-${process.arch === "x64" ? 64 : process.arch}/bin/workerd`);
}

const embed = (file) => `embed ${JSON.stringify(file)}`;

// What was built, the start first.
async function modules() {
  const files = (await readdir(built, { recursive: true })).filter((file) => /\.(mjs|js|wasm)$/.test(file));
  files.sort((a, b) => b.endsWith(".mjs") - a.endsWith(".mjs"));
  return files.map((file) => `(name = "${file}", ${file.endsWith(".wasm") ? "wasm" : "esModule"} = ${embed(file)})`);
}

// Cap'n Proto's text. `internet` reaches loopback alone: a test that asks for anything else is wrong.
async function config(variables) {
  const bindings = variables.map((name) => `(name = "${name}", fromEnvironment = "${name}")`).join(", ");
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "edge", worker = .edge),
    (name = "cache", worker = .cache),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", http = (injectRequestHeaders = [(name = "cf-connecting-ip", value = "192.0.2.7")]), service = "edge")],
);
const edge :Workerd.Worker = (
  modules = [${(await modules()).join(", ")}],
  compatibilityDate = "2026-11-01",
  bindings = [${bindings}],
  globalOutbound = "internet",
  cacheApiOutbound = "cache",
);
const cache :Workerd.Worker = (
  modules = [(name = "cache.mjs", esModule = ${embed(path.relative(built, path.join(here, "cache.mjs")))})],
  compatibilityDate = "2026-11-01",
);
`;
}

// Starts it in front of an origin; `identity` is by what a Stepwell origin knows it.
export async function cloudflare(origin, identity) {
  const environment = { STEPWELL_ORIGIN: origin };
  if (identity) Object.assign(environment, { STEPWELL_EDGE_NAME: identity.name, STEPWELL_EDGE_KEY: identity.key });
  const file = path.join(built, "test.capnp");
  await writeFile(file, await config(Object.keys(environment)));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const process = await start(binary(), ["serve", file, `--socket-addr=http=127.0.0.1:${port}`], environment, url);
  return { ...process, url };
}
