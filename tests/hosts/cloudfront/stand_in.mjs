// A small CloudFront, to run whole journeys through the functions and the policies that `stepwell` generates for it.
//
//   node stand_in.mjs --package FOLDER --origin URL [--listen 127.0.0.1:0] [--client PROGRAM]
//
// FOLDER holds the functions' package and `policies.json`. Prints a line of JSON once it listens: `url` for viewers, and
// `control`, which takes CreateInvalidation as CloudFront's API does.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";

import { Distribution } from "./distribution.mjs";
import { LambdaFunction } from "./function.mjs";

const { values: options } = parseArgs({
  options: {
    package: { type: "string" },
    origin: { type: "string" },
    listen: { type: "string", default: "127.0.0.1:0" },
    client: { type: "string" },
  },
});

const client = options.client ?? createRequire(import.meta.url).resolve("aws-lambda-ric/bin/index.mjs");
const policies = JSON.parse(readFileSync(`${options.package}/policies.json`, "utf8"));
const functions = {};
for (const name of ["viewerRequest", "originRequest", "originResponse"]) {
  functions[name] = await LambdaFunction.start({ folder: options.package, handler: `index.${name}`, client });
}
const distribution = new Distribution({ origin: options.origin, policies, functions });

const viewers = createServer((request, response) => {
  distribution.handle(request, response).catch((error) => {
    console.error(error);
    if (!response.headersSent) response.writeHead(502, { "x-cache": "LambdaExecutionError from cloudfront" });
    response.end();
  });
});
const control = createServer(async (request, response) => {
  const items = [...(await text(request)).matchAll(/<Path>([^<]*)<\/Path>/g)].map(([, item]) => item);
  const dropped = distribution.invalidate(items);
  const id = `I${Date.now()}`;
  response.writeHead(201, { "content-type": "text/xml", "x-dropped": String(dropped) });
  response.end(`<?xml version="1.0"?><Invalidation xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Id>${id}</Id><Status>Completed</Status></Invalidation>`);
});

async function listen(server, address) {
  const [host, port] = address.split(":");
  server.listen(Number(port), host);
  await once(server, "listening");
  return `http://${host}:${server.address().port}`;
}
const [url, controlled] = [await listen(viewers, options.listen), await listen(control, "127.0.0.1:0")];
console.log(JSON.stringify({ url, control: controlled }));

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, async () => {
    await Promise.all(Object.values(functions).map((started) => started.stop()));
    process.exit(0);
  });
}
