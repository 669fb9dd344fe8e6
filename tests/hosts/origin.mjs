// A Stepwell origin that takes requests of one edge alone.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { freePort, start } from "./processes.mjs";

const binary = process.env.TESTS_STEPWELL ?? path.join(import.meta.dirname, "../../target/release/stepwell");

export async function origin() {
  const folder = await mkdtemp(path.join(tmpdir(), "stepwell-hosts-"));
  const [name, key] = ["test", "0123456789abcdef".repeat(4)];
  const edges = path.join(folder, "edges");
  await writeFile(edges, `${name} ${key}\n`, { mode: 0o600 });
  const [port, operator] = [await freePort(), await freePort()];
  const environment = {
    STEPWELL_ACCESS_EDGES_FILE: edges,
    STEPWELL_DATA_FOLDER: path.join(folder, "data"),
    STEPWELL_SERVER_LISTEN: `127.0.0.1:${port}`,
    STEPWELL_SERVER_ROLES: "read,write,work",
    STEPWELL_OPERATOR_LISTEN: `127.0.0.1:${operator}`,
  };
  const run = (...args) => promisify(execFile)(binary, args, { cwd: folder, env: environment });
  const process = await start(binary, ["serve"], environment, `http://127.0.0.1:${operator}/readyz`);
  const stop = async () => {
    await process.stop();
    await rm(folder, { recursive: true });
  };
  return { ...process, stop, run, url: `http://127.0.0.1:${port}`, identity: { name, key } };
}
