import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProvidedStack } from '#libs/testing';
import type { TestProject } from 'vitest/node';
import { ROOT } from '../lib/root.mjs';
import { endProcess, isAlive, isPortFree, poll } from '../services/processes.ts';
import type { RunRecord } from '../start/home.ts';

/** Once per run: the product as `npm start` starts it, on ports and data of its own. Its end is a test too: nothing may be left. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = mkdtempSync(join(tmpdir(), 'moyai-e2e-'));
  chmodSync(home, 0o755);
  const port = await threeFreePorts();
  let output = '';
  const product = spawn(process.execPath, [join(ROOT, 'tools', 'start.mjs')], {
    cwd: ROOT,
    env: { ...outsideEnvironment(), MOYAI_HOME: home, MOYAI_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [product.stdout, product.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const steps = [{ signal: 'SIGINT', waitMs: 40_000 } as const, { signal: 'SIGKILL', waitMs: 1_000 } as const];
  const stop = () => endProcess(product, steps);
  try {
    await poll('npm start', 180_000, () => {
      if (product.exitCode !== null) throw new Error(`npm start ended:\n${output}`);
      return output.includes('準備ができました') ? true : undefined;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const stack: ProvidedStack = { home, ...JSON.parse(readFileSync(join(home, 'demo.json'), 'utf8')) };
  project.provide('stack', stack);
  return async () => {
    const { pid, processes } = JSON.parse(readFileSync(join(home, 'run.json'), 'utf8')) as RunRecord;
    await stop();
    const left = [pid, ...Object.values(processes).map((entry) => entry.pid)].filter(isAlive);
    rmSync(home, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`npm start left processes behind: ${left.join(', ')}\n${output}`);
  };
}

/** What a person's shell would have: settings of this test run must not reach the product. */
function outsideEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(?:VITEST|NODE_ENV|NODE_OPTIONS|TEST$|DEV$|PROD$|SSR$|MODE$)/.test(name),
    ),
  );
}

/** Below the range outgoing connections take their ports from, or one of those could be faster than the ingress. */
async function threeFreePorts(): Promise<number> {
  return poll('three free ports in a row', 10_000, async () => {
    const first = randomInt(20_000, 30_000);
    const free = await Promise.all([first, first + 1, first + 2].map(isPortFree));
    return free.every(Boolean) ? first : undefined;
  });
}
