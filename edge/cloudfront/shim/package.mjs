// Bakes what an origin tells its edges into a package: Lambda@Edge has no environment.
//
//   node package.mjs --folder target/edge/cloudfront --origin URL --name NAME --key-file FILE [--policies NAME]
//
// Asks the origin with the key of `stepwell keys edge NAME`, and writes edge.json, which goes into the function's archive
// and holds that key, and policies.json, by which the distribution is made.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { parseArgs } from "node:util";

const options = {
  folder: { type: "string" },
  origin: { type: "string" },
  name: { type: "string" },
  "key-file": { type: "string" },
  policies: { type: "string", default: "stepwell" },
};
const { values } = parseArgs({ options });
for (const [option, { type }] of Object.entries(options)) {
  if (type === "string" && !values[option]) fail(`--${option} is missing`);
}
const { folder, origin, name } = values;
const { Edge } = createRequire(import.meta.url)(path.resolve(folder, "edge.js"));

function fail(why) {
  console.error(`error: ${why}`);
  process.exit(1);
}

// An edge that knows nothing sees by the first page of the log that there is something to be told.
const nothing = { revision: "-", routes: { routes: [] }, audience: "", jwks: { keys: [] }, position: { epoch: 0, sequence: 0 } };
const baked = { origin, name, key: readFileSync(values["key-file"], "utf8").trim(), briefing: nothing };
const edge = new Edge(JSON.stringify(baked), 0n);
let briefing;
for (let question; !briefing && (question = edge.question(Date.now())); ) {
  const { target, url, headers } = JSON.parse(question);
  const answer = await fetch(url, { headers }).catch((error) => fail(`${url} does not answer: ${error.cause?.message ?? error.message}`));
  const text = await answer.text();
  if (!answer.ok) fail(`${url} answers ${answer.status}: ${text}`);
  if (target === "/v1/edge") briefing = text;
  edge.take(target, text, Date.now());
}
writeFileSync(path.join(folder, "edge.json"), JSON.stringify({ ...baked, briefing: JSON.parse(briefing) }), { mode: 0o600 });
writeFileSync(path.join(folder, "policies.json"), Edge.policies(briefing, values.policies));
