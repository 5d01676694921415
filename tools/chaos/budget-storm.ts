import { randomUUID } from 'node:crypto';
import type { Caller } from './callers.ts';
import { call, pause } from './client.ts';
import type { Dice } from '../dice.ts';
import type { Fault } from './faults/index.ts';
import type { ChaosHouse } from './house.ts';
import type { Observations } from './observations.ts';

const REQUESTS = 200;
const ROOM = 10;
const TRIES = 5;
const RESEND_MS = 500;

export const BUDGET_STORM = `${REQUESTS} requests at a budget with room for ${ROOM}`;

interface Budget {
  month: string;
  limitTokens: number;
  usedTokens: number;
  reservedTokens: number;
}

/** Many requests at once at a budget that has room for few of them. The city does nothing else. */
export function budgetStorm(admin: Caller, callers: readonly Caller[], seen: Observations, canary: string): Fault {
  const body = { kind: 'chat', messages: [{ role: 'user', content: `一覧にしてください。${canary}` }], maxTokens: 80 };

  /** Sent again a few times where it was not answered in time: a storm is also a load. */
  async function post(caller: Caller): Promise<string | undefined> {
    const key = randomUUID();
    for (let tries = 0; tries < TRIES; tries += 1) {
      const answer = await call(caller, 'POST', '/api/v1/jobs', body, { headers: { 'idempotency-key': key } });
      const jobId = seen.posted(caller, answer, key);
      if (answer.status !== 503) return jobId;
      await pause(RESEND_MS);
    }
    return undefined;
  }

  /** What one such job holds at worst: learnt from one that was accepted. */
  async function worstCase(house: ChaosHouse): Promise<number> {
    const jobId = await post(callers[0]!);
    if (!jobId) throw new Error('no job was accepted before the budget storm');
    const [held] = await house.sql<{ tokens: string }>('SELECT tokens FROM reservations WHERE subject_id = $1', [
      jobId,
    ]);
    return Number(held!.tokens);
  }

  async function limitTo(tokens: number | undefined, worst: number): Promise<void> {
    const month = new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 7);
    const answer = await call(admin, 'GET', `/api/v1/budgets?from=${month}&to=${month}`);
    const [budget] = (answer.body['items'] ?? []) as Budget[];
    if (!budget) throw new Error(`the budget could not be read: ${answer.status}`);
    const limitTokens = tokens ?? budget.usedTokens + budget.reservedTokens + ROOM * worst;
    const set = await call(admin, 'PUT', `/api/v1/budgets/${month}`, { limitTokens });
    if (set.status !== 200) throw new Error(`the budget could not be set: ${set.status}`);
  }

  return {
    name: BUDGET_STORM,
    async happen(house: ChaosHouse, _dice: Dice) {
      await limitTo(10_000_000_000, 0);
      const worst = await worstCase(house);
      await limitTo(undefined, worst);
      const answers = await Promise.all(
        Array.from({ length: REQUESTS }, (_, index) => post(callers[index % callers.length]!)),
      );
      const accepted = answers.filter((id) => id !== undefined).length;
      seen.rushes.push(`${accepted} of ${REQUESTS}, room for ${ROOM} at once`);
      if (accepted < ROOM) seen.surprises.push(`budget storm: only ${accepted} of ${ROOM} that had room were accepted`);
    },
  };
}
