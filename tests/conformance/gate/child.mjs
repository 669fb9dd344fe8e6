// A process that says on standard output, with one JSON object before anything else, that it is ready.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const START_MAX_MS = 10_000;
const STOP_MAX_MS = 5_000;
/** How much of what a process said is shown when it ends unasked. */
const LAST_WORDS_MAX = 4_000;

const running = new Set();
// Else a Ctrl-C, or a harness that loses its patience, would leave servers behind.
for (const [signal, status] of [['SIGINT', 130], ['SIGTERM', 143]]) {
  process.once(signal, () => {
    for (const child of running) child.kill('SIGKILL');
    process.exit(status);
  });
}

/**
 * Starts a program and waits until it is ready: `{ready, stop, lastWords}`.
 *
 * `ready` is that object. `stop()` ends it, and rejects if it had ended by itself. What it prints after the object goes
 * to `echo`, a stream, if there is one.
 */
export async function start(name, program, words, { cwd, echo } = {}) {
  const child = spawn(program, words, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let said = '';
  const hear = (text) => { said = (said + text).slice(-LAST_WORDS_MAX); };
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(`status ${code ?? signal}`));
  }).then((how) => { running.delete(child); return how; });
  child.stderr.on('data', (text) => { hear(text); echo?.write(text); });

  const lines = createInterface({ input: child.stdout });
  const early = ended.then((how) => { throw new Error(`${name} ended with ${how}:\n${said}`); });
  const late = timer(START_MAX_MS, () => `${name} was not ready after ${START_MAX_MS} ms:\n${said}`);
  const ready = await Promise.race([firstObject(lines, hear), early, late.promise])
    .catch((error) => { child.kill('SIGKILL'); throw error; })
    .finally(() => late.clear());
  lines.on('line', (text) => { hear(`${text}\n`); echo?.write(`${text}\n`); });

  let asked = false;
  ended.then((how) => { if (!asked) console.error(`${name} ended by itself, with ${how}:\n${said}`); });
  return {
    ready,
    async stop() {
      const alive = running.has(child);
      asked = true;
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MAX_MS);
      await ended;
      clearTimeout(patience);
      if (!alive) throw new Error(`${name} did not live to the end of the run`);
    },
  };
}

/** The first JSON object of some lines; it may take several. */
function firstObject(lines, hear) {
  return new Promise((resolve) => {
    let text = '';
    lines.on('line', function listen(line) {
      hear(`${line}\n`);
      text += line;
      try {
        resolve(JSON.parse(text));
        lines.off('line', listen);
      } catch {
        // Not whole yet.
      }
    });
  });
}

function timer(ms, message) {
  let handle;
  const promise = new Promise((_, reject) => { handle = setTimeout(() => reject(new Error(message())), ms); });
  return { promise, clear: () => clearTimeout(handle) };
}
