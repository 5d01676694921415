import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runningStack } from '#libs/testing';

/** See apps/model-simulator/src/behaviour.ts. */
export type Behaviour = Readonly<Record<string, number | boolean | null>>;

/** No waits: for tests that are not about time. */
export const AT_ONCE: Behaviour = { firstTokenDelayMs: 0, tokenDelayMs: 0 };

/** Has the model behave like this until the end of the block (`await using`) or the next call. */
export async function modelBehaves(behaviour: Behaviour): Promise<AsyncDisposable> {
  await control('behaviour', { method: 'PUT', body: JSON.stringify(behaviour) });
  return {
    [Symbol.asyncDispose]: async () => {
      await control('behaviour', { method: 'PUT', body: '{}' });
    },
  };
}

export interface ModelCall {
  readonly callId: string | null;
  readonly state: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What the model itself counted for a job, one entry for each attempt. */
export async function modelCallsOf(jobId: string): Promise<ModelCall[]> {
  const { items } = (await (await control('ledger')).json()) as { items: ModelCall[] };
  return items.filter(({ callId }) => callId?.startsWith(`${jobId}.`));
}

async function control(path: string, init?: RequestInit): Promise<Response> {
  const { ports } = JSON.parse(readFileSync(join(runningStack().home, 'run.json'), 'utf8')) as {
    ports: { simulator: number };
  };
  const response = await fetch(`http://127.0.0.1:${ports.simulator}/_simulator/${path}`, init);
  if (!response.ok) throw new Error(`the simulator answers ${response.status} to ${path}`);
  return response;
}
