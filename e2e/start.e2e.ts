import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runningStack } from '#libs/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';

const stack = runningStack();
const WAIT = { timeout: 120_000, interval: 100 };
/** For a guarantee that takes two whole starts to show, on a machine that may be busy. */
const TWO_STARTS_MS = 300_000;

interface RunRecord {
  readonly origins: { readonly lgwan: string };
  readonly processes: Record<string, { readonly pid: number }>;
}

const runRecord = (home: string) => JSON.parse(readFileSync(join(home, 'run.json'), 'utf8')) as RunRecord;

const started: ChildProcess[] = [];

/** `npm start` of one's own, with everything it says. */
function start(home: string, port: number): { product: ChildProcess; said: () => string } {
  const product = spawn(process.execPath, ['tools/start.mjs'], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, MOYAI_HOME: home, MOYAI_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(product);
  let said = '';
  for (const stream of [product.stdout, product.stderr])
    stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return { product, said: () => said };
}

const untilReady = (said: () => string) => vi.waitFor(() => expect(said()).toContain('準備ができました'), WAIT);

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const signIn = async (origin: string, demo: Pick<typeof stack, 'cities'>) => {
  const city = demo.cities[0]!;
  const { loginId, password } = city.members.find(({ role, segment }) => role === 'staff' && segment === 'lgwan')!;
  const answer = await fetch(`${origin}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cityCode: city.code, loginId, password }),
  });
  await answer.arrayBuffer();
  return answer.status;
};

afterEach(() => {
  for (const product of started.splice(0)) product.kill('SIGKILL');
});

describe('npm start', () => {
  it('keeps the demo accounts readable by their owner alone', () => {
    expect(statSync(join(stack.home, 'demo.json')).mode & 0o777).toBe(0o600);
  });

  it('starts a killed process again by itself', async () => {
    for (const name of ['worker', 'api', 'postgres']) {
      const { pid } = runRecord(stack.home).processes[name]!;
      process.kill(pid, 'SIGKILL');
      await vi.waitFor(() => expect(runRecord(stack.home).processes[name]!.pid).not.toBe(pid), WAIT);
    }
    await vi.waitFor(async () => expect(await signIn(stack.origins.lgwan, stack)).toBe(201), WAIT);
  });

  it('refuses a second start on the same data, and leaves the first alone', async () => {
    const { product, said } = start(stack.home, Number(new URL(stack.origins.lgwan).port));
    expect(await once(product, 'exit')).toEqual([1, null]);
    expect(said()).toContain('もう起動しています');
    expect(await signIn(stack.origins.lgwan, stack)).toBe(201);
  });

  it('names a taken port before anything is started', async () => {
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const { port } = other.address() as AddressInfo;
    const home = mkdtempSync(join(tmpdir(), 'moyai-start-'));
    const { product, said } = start(home, port);
    expect(await once(product, 'exit')).toEqual([1, null]);
    expect(said()).toContain(`ポート ${port} `);
    other.close();
    rmSync(home, { recursive: true });
  });

  it(
    'killed outright leaves no process, and finds its data again',
    async () => {
      const home = mkdtempSync(join(tmpdir(), 'moyai start-'));
      const port = Number(new URL(stack.origins.lgwan).port) + 10;
      const first = start(home, port);
      await untilReady(first.said);
      const demo = JSON.parse(readFileSync(join(home, 'demo.json'), 'utf8')) as typeof stack;
      const { processes, origins } = runRecord(home);
      first.product.kill('SIGKILL');
      await vi.waitFor(() => expect(Object.values(processes).filter(({ pid }) => isRunning(pid))).toEqual([]), WAIT);

      const second = start(home, port);
      await untilReady(second.said);
      expect(await signIn(origins.lgwan, demo)).toBe(201);
      const again = runRecord(home).processes;
      second.product.kill('SIGINT');
      expect(await once(second.product, 'exit')).toEqual([0, null]);
      expect(Object.values(again).filter(({ pid }) => isRunning(pid))).toEqual([]);
      rmSync(home, { recursive: true });
    },
    TWO_STARTS_MS,
  );
});
