import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { AuditVerifier } from '#libs/audit';
import { OpsDatabase, createDataSource } from '#libs/database';
import { JobFollower, JobIntake, type Requester } from '#libs/jobs';
import { newId } from '#libs/kernel';
import { type House, openHouse } from '../test/job-house.ts';

const SMALL = Array.from({ length: 10 }, (_, index) => `質問${index}`);
/** More than the city's budget in the worst case. */
const LARGE = '町'.repeat(20_000);
const LIMIT_TOKENS = 50_000;
/** At once, at a budget with room for a quarter of them. */
const RUSH = 40;

describe('jobs of one city, many at once', () => {
  let house: House;
  let superuser: DataSource;
  let ops: DataSource;
  /** A member and a key of the city, in turn. */
  let callers: Requester[];
  let accepted: { id: string; by: Requester }[];
  beforeAll(async () => {
    house = await openHouse('postgres');
    superuser = await createDataSource(house.database.urls.superuser, 1).initialize();
    ops = await createDataSource(house.database.urls.ops, 1).initialize();
    await superuser.query('UPDATE budgets SET limit_tokens = $1', [LIMIT_TOKENS]);
    const apiKeyId = newId();
    await superuser.query(
      `INSERT INTO api_keys (tenant_id, id, segment, name, secret_hash, scopes, created_at)
       VALUES ($1, $2, 'lgwan', '鍵', sha256('鍵'), '{jobs}', now())`,
      [house.requester.scope.tenantId, apiKeyId],
    );
    callers = [house.requester, { ...house.requester, memberId: null, apiKeyId }];
  });
  afterAll(async () => {
    await Promise.all([superuser.destroy(), ops.destroy()]);
    await house.close();
  });

  const accept = async (content: string, nth: number) => {
    const by = callers[nth % callers.length]!;
    const request = { kind: 'chat', maxTokens: 16, messages: [{ role: 'user', content }] } as const;
    return { id: (await house.intake.get(JobIntake).accept(by, request)).id, by };
  };
  const readToEnd = async ({ id, by }: { id: string; by: Requester }) => {
    const types: string[] = [];
    const signal = AbortSignal.timeout(15_000);
    for await (const { type } of house.intake.get(JobFollower).follow(by, id, { signal })) types.push(type);
    return types.at(-1);
  };
  /** Its actions by number, once every hash of it was computed anew. */
  const chain = async (): Promise<Record<string, number>> => {
    expect(await new AuditVerifier(new OpsDatabase(ops)).verify()).toMatchObject({ intact: true });
    const rows: { action: string; count: number }[] = await superuser.query(
      'SELECT action, count(*)::integer AS count FROM audit_entries GROUP BY action',
    );
    return Object.fromEntries(rows.map(({ action, count }) => [action, count]));
  };
  const budget = async () => (await superuser.query('SELECT reserved_tokens, used_tokens FROM budgets'))[0];

  it('are accepted though one among them does not fit into the budget', async () => {
    const [first, ...rest] = SMALL;
    const ends = await Promise.allSettled([first!, ...rest.slice(0, 4), LARGE, ...rest.slice(4)].map(accept));
    accepted = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    expect(accepted).toHaveLength(SMALL.length);
    expect(ends[5]).toMatchObject({ reason: { code: 'METERING.BUDGET_EXHAUSTED' } });
    const [held] = await superuser.query(
      `SELECT count(*)::integer AS jobs, sum(tokens) AS tokens FROM reservations WHERE state = 'held'`,
    );
    expect(held.jobs).toBe(SMALL.length);
    expect(await budget()).toMatchObject({ reserved_tokens: held.tokens });
    expect(await chain()).toEqual({ 'job.accepted': SMALL.length, 'job.refused': 1 });
  });

  it('are accepted up to the last that has room, and none beyond', async () => {
    await superuser.query(
      `UPDATE budgets SET limit_tokens = reserved_tokens + $1 * (SELECT max(tokens) FROM reservations)`,
      [SMALL.length],
    );
    const ends = await Promise.allSettled(Array.from({ length: RUSH }, (_, index) => accept(SMALL[0]!, index)));
    const more = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    expect(more).toHaveLength(SMALL.length);
    for (const end of ends)
      if (end.status === 'rejected') expect(end).toMatchObject({ reason: { code: 'METERING.BUDGET_EXHAUSTED' } });
    const [{ free }] = await superuser.query('SELECT limit_tokens - reserved_tokens AS free FROM budgets');
    expect(free).toBe('0');
    accepted.push(...more);
    expect(await chain()).toEqual({ 'job.accepted': accepted.length, 'job.refused': 1 + RUSH - SMALL.length });
  });

  it('have a conversation of their own each where a member asks, and none where a key does', async () => {
    const [kept] = await superuser.query(
      `SELECT count(member_id)::integer AS "ofMembers", count(conversation_id)::integer AS "inConversations",
         count(DISTINCT conversation_id)::integer AS conversations, (SELECT count(*)::integer FROM conversations) AS opened
       FROM jobs`,
    );
    const { ofMembers, ...others } = kept;
    expect(ofMembers).toBeGreaterThan(0);
    expect(ofMembers).toBeLessThan(accepted.length);
    expect(others).toEqual({ inConversations: ofMembers, conversations: ofMembers, opened: ofMembers });
  });

  it('are each settled once, and leave one chain', async () => {
    await house.startWorker();
    expect(new Set(await Promise.all(accepted.map(readToEnd)))).toEqual(new Set(['completed']));
    const [billed] = await superuser.query(
      `SELECT count(*)::integer AS calls, sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens) AS tokens
       FROM usage_records`,
    );
    expect(billed.calls).toBe(accepted.length);
    expect(await budget()).toEqual({ reserved_tokens: '0', used_tokens: billed.tokens });
    expect(await chain()).toMatchObject({ 'job.completed': accepted.length, 'job.read': accepted.length });
  });
});
