import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { productNode, ROOT } from './root.mjs';

/**
 * Runs a program of the product on the product's Node, in this terminal. Signals go on to it; when this process is killed outright,
 * the pipe on descriptor 3 closes, and the program can notice.
 * @returns its exit code, 1 when a signal ended it
 */
export function runProgram(file, args = [], environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(productNode(), [file, ...args], {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    });
    const forward = (signal) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
    if (process.env.npm_lifecycle_event) followNpm(() => forward('SIGTERM'));
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** npm passes signals on, but a `kill -9` on npm itself reaches nobody: we see it by having other ancestors. */
function followNpm(onLost) {
  const ancestors = () => `${process.ppid} ${parentOf(process.ppid)}`;
  const before = ancestors();
  const watch = setInterval(() => {
    if (ancestors() === before) return;
    clearInterval(watch);
    onLost();
  }, 1_000);
  watch.unref();
}

/** npm runs scripts through a shell, so npm is one step further up. */
function parentOf(pid) {
  try {
    return /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/**
 * Runs a command and keeps its output to itself unless it fails.
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runQuietly(command, args, environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
