// The current suite, which has no release: a checkout in .tools/ at a pinned commit.

import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

const REPOSITORY = 'https://github.com/http-tests/cache-tests';
/** The baselines NAME.current.json and peers.json are of this commit. */
export const COMMIT = 'b55b8bda3dbb8c927c04e85bd8d496a8caa3e4ba';
const FOLDER = join(ROOT, '.tools', 'cache-tests');

/** The folder of the current suite; fetches it if it is not there yet. */
export async function currentSuite() {
  await mkdir(FOLDER, { recursive: true });
  if (head() === COMMIT) return FOLDER;
  console.error(`fetching ${REPOSITORY} at ${COMMIT} into ${FOLDER}`);
  try {
    git('init', '--quiet');
    git('fetch', '--quiet', '--depth=1', REPOSITORY, COMMIT);
    git('checkout', '--quiet', '--detach', COMMIT);
  } catch {
    throw new Error('the current suite could not be fetched: is github.com reachable from here? '
      + `Where it is not, bring a checkout of ${REPOSITORY} at ${COMMIT} and name its folder with --suite`);
  }
  return FOLDER;
}

function head() {
  try {
    // Without this, git would answer for the checkout around the folder.
    return execFileSync('git', ['--git-dir=.git', 'rev-parse', 'HEAD'], { cwd: FOLDER, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return undefined;
  }
}

function git(...words) {
  execFileSync('git', words, { cwd: FOLDER, stdio: ['ignore', 'ignore', 'inherit'] });
}
