// Processes that answer HTTP on loopback, started and ended.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 30_000;

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

// Starts a command, and waits until `ready` answers anything at all.
export async function start(command, args, environment, ready) {
  const said = [];
  const child = spawn(command, args, { env: { PATH: process.env.PATH, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => said.push(bytes));
  // Whatever becomes of us, it does not stay.
  process.once("exit", () => child.kill());
  const log = () => Buffer.concat(said).toString();
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}\n${log()}`);
    if (await fetch(ready).then(() => true, () => false)) break;
    if (Date.now() > deadline) throw new Error(`${command} is not ready\n${log()}`);
    await sleep(20);
  }
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = () => {
    child.kill();
    return ended;
  };
  return { log, stop };
}
