import { poll } from '../services/processes.ts';
import type { Caller } from './callers.ts';
import { type Check, figure } from './check.ts';
import { call, pause } from './client.ts';
import { WORKERS } from './house.ts';
import type { Scene } from './scene.ts';

const QUICK = { firstTokenDelayMs: 20, tokenDelayMs: 0 };
const LIMIT_MS = 30 * 60_000;
const LOOK_MS = 5_000;
const TRIES = 20;
const ROOM_TOKENS = 10_000_000_000;

interface Progress {
  readonly state: string;
  readonly counts: Readonly<Record<'queued' | 'running' | 'completed' | 'failed' | 'cancelled', number>>;
}

/** A file of many rows goes through the workers, of which one is killed again and again until every row has ended. */
export async function batchAct(scene: Scene, rows: number): Promise<Check[]> {
  const { house, dice, keys, say, signal } = scene;
  const [caller] = keys as [Caller, ...Caller[]];
  await house.sql(`UPDATE budgets SET limit_tokens = ${ROOM_TOKENS}`);
  await house.models.behave(QUICK);
  const id = await upload(caller, rows);
  await demand(caller, 'POST', `/api/v1/batches/${id}/start`, {
    template: '{用件}の手順を一覧にしてください。',
    maxTokens: 60,
  });
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1_000);
  let progress: Progress | undefined;
  let lookedAt = -LOOK_MS;
  while (progress?.state !== 'finished' && performance.now() - startedAt < LIMIT_MS) {
    if (signal.aborted) throw new Error('interrupted');
    await pause(dice.between(1_000, 4_000));
    house.killWorker(dice.pick(WORKERS));
    const answer = await call(caller, 'GET', `/api/v1/batches/${id}`);
    if (answer.status === 200) progress = answer.body as unknown as Progress;
    if (seconds() * 1_000 - lookedAt < LOOK_MS) continue;
    lookedAt = seconds() * 1_000;
    say(`${seconds()} s  ${JSON.stringify(progress?.counts)}, ${house.tally.workerKills} workers killed`);
  }
  await house.ready();
  return [
    figure('a batch', `${rows} rows in ${seconds()} s, ${house.tally.workerKills} workers killed`),
    ...(await checkRows(scene, caller, { id, rows })),
  ];
}

async function checkRows(
  { house }: Scene,
  caller: Caller,
  { id, rows }: { id: string; rows: number },
): Promise<Check[]> {
  const [found] = await house.sql<{ rows: number; completed: number; jobs: number }>(
    `SELECT count(DISTINCT batch_row)::integer AS rows, count(*)::integer AS jobs,
       (count(*) FILTER (WHERE status = 'completed'))::integer AS completed FROM jobs WHERE batch_id = '${id}'`,
  );
  const isHeld = (name: string, value: number): Check => ({
    name,
    value,
    expected: `= ${rows}`,
    met: value === rows,
    where: [],
  });
  return [
    isHeld('rows of the batch with a job', found!.rows),
    isHeld('jobs of the batch', found!.jobs),
    isHeld('rows of the batch completed', found!.completed),
    isHeld('rows answered in the file to take out', await answeredRows(caller, id)),
  ];
}

/** Each row of the file is one line: nothing in the answers asked for here breaks the count of the last column. */
async function answeredRows(caller: Caller, id: string): Promise<number> {
  const answer = await fetch(`${caller.origins[0]}/api/v1/batches/${id}/results`, { headers: caller.headers });
  if (answer.status !== 200) throw new Error(`the results could not be taken out: ${answer.status}`);
  const text = await answer.text();
  return new Set([...text.matchAll(/^"?申請(\d+)番/gm)].map(([, number]) => number)).size;
}

async function upload(caller: Caller, rows: number): Promise<string> {
  const file = ['用件', ...Array.from({ length: rows }, (_, index) => `申請${index + 1}番の受付`)].join('\n');
  const headers = { ...caller.headers, 'content-type': 'text/csv', 'x-file-name': 'chaos.csv' };
  const answer = await fetch(`${caller.origins[0]}/api/v1/batches`, { method: 'POST', headers, body: file });
  if (answer.status !== 201) throw new Error(`the batch was not taken: ${answer.status}`);
  return ((await answer.json()) as { id: string }).id;
}

/** Sent again where it was not answered in time: the start is its own idempotency key. */
async function demand(caller: Caller, method: string, path: string, body: object): Promise<void> {
  let tries = 0;
  await poll(`${method} ${path}`, 120_000, async () => {
    const { status } = await call(caller, method, path, body);
    if (status === 202) return true;
    if ((status !== 503 && status !== 0) || (tries += 1) > TRIES) throw new Error(`${path}: ${status}`);
    return undefined;
  });
}
