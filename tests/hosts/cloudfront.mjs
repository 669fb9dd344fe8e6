// The functions for CloudFront under Lambda's own client, around the cache of a small CloudFront.
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { freePort, start } from "./processes.mjs";

const here = import.meta.dirname;
const built = path.resolve(here, "../..", process.env.EDGE_OUTPUT ?? "target/edge", "cloudfront");

// CloudFront says in a field of its own what other edges say in Cache-Status.
const SAID = { "Hit from cloudfront": "stepwell; hit", "Miss from cloudfront": "stepwell; fwd=uri-miss; stored" };

// Starts them before a Stepwell origin that knows them by `identity`, which is baked into the package.
export async function cloudfront(origin, identity) {
  const folder = await mkdtemp(path.join(tmpdir(), "stepwell-cloudfront-"));
  await cp(built, folder, { recursive: true });
  const key = path.join(folder, "key");
  await writeFile(key, identity.key, { mode: 0o600 });
  const baking = ["--folder", folder, "--origin", origin, "--name", identity.name, "--key-file", key];
  await promisify(execFile)(process.execPath, [path.join(folder, "package.mjs"), ...baking]);
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const standIn = [path.join(here, "cloudfront/stand_in.mjs"), "--package", folder, "--origin", origin, "--listen", address];
  const running = await start(process.execPath, standIn, {}, url);
  const stop = async () => {
    await running.stop();
    await rm(folder, { recursive: true });
  };
  return { ...running, stop, url, cacheOf: (headers) => SAID[headers.get("x-cache")] ?? headers.get("x-cache") };
}

// What does not hold there yet, by the test's name.
const WITHOUT_PURGES = "the origin sends CloudFront no invalidations yet; until it does, an answer stands for its lifetime";
cloudfront.cannot = {
  "who changes a record reads the change, and so does everybody": WITHOUT_PURGES,
  "a change that this edge did not pass on is obeyed in time, under load": WITHOUT_PURGES,
};
