// The release binary with the built-in example, on free ports and in a folder of its own.

import { spawn } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const target = process.env.CARGO_TARGET_DIR ?? new URL('../../target', import.meta.url).pathname;
const binary = join(target, 'release', 'stepwell');

/** A port that nobody listens on. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts a server and waits until it says that it serves. */
export async function start() {
  await access(binary).catch(() => { throw new Error(`${binary} is missing; run: cargo build --release`); });
  const folder = await mkdtemp(join(tmpdir(), 'stepwell-browser-'));
  const [listen, operator] = [await freePort(), await freePort()].map((port) => `127.0.0.1:${port}`);
  const environment = { ...process.env, STEPWELL_SERVER_LISTEN: listen, STEPWELL_OPERATOR_LISTEN: operator };
  const server = spawn(binary, ['serve', '--data', join(folder, 'data')], { cwd: folder, env: environment });
  let said = '';
  await new Promise((resolve, reject) => {
    const hear = (text) => {
      said += text;
      if (said.includes(`http://${listen}`)) resolve();
    };
    server.stdout.on('data', hear);
    server.stderr.on('data', hear);
    server.on('error', reject);
    server.on('exit', (code) => reject(new Error(`the server ended with ${code}:\n${said}`)));
  });
  const ended = new Promise((resolve) => server.on('exit', resolve));
  return {
    base: `http://${listen}`,
    async stop() {
      server.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
