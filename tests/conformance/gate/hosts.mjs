// The suite's origin server, and the cache in front of it.

import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from './child.mjs';
import { HERE, ROOT } from './paths.mjs';

/** Starts the suite's origin on a loopback port, a free one for 0: `{port, stop}`. */
export async function startOrigin(suite, port, echo) {
  const child = await start('the origin', process.execPath, [join(HERE, 'gate', 'origin.mjs'), suite.engine, String(port)], { echo });
  return { port: child.ready.port, stop: child.stop };
}

/** Starts the native edge in front of an origin: `{base, stop}`. */
export async function startNativeEdge(originPort) {
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');
  const binary = join(target, 'release', 'stepwell');
  await access(binary).catch(() => { throw new Error(`${binary} is missing; run: cargo build --release`); });
  // A folder of its own, so that no configuration that lies about takes part.
  const folder = await mkdtemp(join(tmpdir(), 'stepwell-conformance-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  // Its operator's address is not asked for anything here, and must not meet another's.
  await writeFile(join(folder, 'stepwell.toml'), '[operator]\nlisten = "127.0.0.1:0"\n');
  const words = ['edge', '--origin', `http://127.0.0.1:${originPort}`, '--listen', '127.0.0.1:0', '--json'];
  try {
    const child = await start('the edge', binary, words, { cwd: folder });
    return { base: `http://${child.ready.listen}`, stop: () => child.stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
