// Runs one edge in its runtime, before any origin, until it is told to stop: for what drives it by URL.
//
//   node tests/hosts/serve.mjs cloudflare http://127.0.0.1:8000
//
// Prints its URL once it answers.
import { EDGES } from "./edges.mjs";

const [name, origin] = process.argv.slice(2);
if (!(name in EDGES) || !origin) {
  console.error(`usage: serve.mjs ${Object.keys(EDGES).join("|")} ORIGIN`);
  process.exit(2);
}
const edge = await EDGES[name](origin);
console.log(edge.url);
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    console.error(edge.log());
    await edge.stop();
    process.exit(0);
  });
}
