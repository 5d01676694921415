import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Transaction, OpsDatabase, TenantDatabase, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { AuditReader } from './audit-reader.ts';
import { AuditTrail } from './audit-trail.ts';
import { AuditVerifier } from './audit-verifier.ts';

const clock = new FrozenClock();
const trail = new AuditTrail(clock);
const reader = new AuditReader();
const newScope = () => ({ tenantId: tenantId(newId()), segment: 'lgwan' as const });
const append = (tx: Transaction, action = 'job.accepted') =>
  trail.append(tx, { action, actor: { type: 'system', id: null } });

describe('the audit trail', () => {
  let test: TestDatabase;
  let sources: DataSource[];
  let city: TenantDatabase;
  let ops: OpsDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
    sources = [createDataSource(test.urls.app, 50), createDataSource(test.urls.ops, 2)];
    await Promise.all(sources.map((source) => source.initialize()));
    city = new TenantDatabase(sources[0]!);
    ops = new OpsDatabase(sources[1]!);
  });
  afterAll(async () => {
    await Promise.all(sources.map((source) => source.destroy()));
    await test.drop();
  });

  const asSuperuser = async (...statements: string[]): Promise<void> => {
    const client = new Client({ connectionString: test.urls.superuser });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  const sequences = async (scope: ReturnType<typeof newScope>): Promise<number[]> => {
    const { items } = await city.run(scope, (tx) => reader.list(tx, { limit: 200 }));
    return items.map(({ sequence }) => sequence);
  };

  it('has no gap and no fork when 50 transactions append to one chain at once, the first entry included', async () => {
    const scope = newScope();
    await Promise.all(Array.from({ length: 150 }, () => city.run(scope, (tx) => append(tx))));
    expect(await sequences(scope)).toEqual(Array.from({ length: 150 }, (_, index) => 150 - index));
    expect(await new AuditVerifier(ops).verify(scope)).toMatchObject({ intact: true, chains: [{ entries: 150 }] });
  });

  it('keeps no trace and no gap of a transaction that rolled back', async () => {
    const scope = newScope();
    await city.run(scope, (tx) => append(tx));
    const failure = new Error('the action failed after it was recorded');
    await expect(
      city.run(scope, async (tx) => {
        await append(tx);
        throw failure;
      }),
    ).rejects.toBe(failure);
    await city.run(scope, (tx) => append(tx));
    expect(await sequences(scope)).toEqual([2, 1]);
    expect(await new AuditVerifier(ops).verify(scope)).toMatchObject({ intact: true });
  });

  it('takes the action down with it when it cannot be written', async () => {
    const scope = newScope();
    const tooBold = { action: 'job.accepted', actor: { type: 'nobody' as 'system', id: null } };
    await expect(city.run(scope, (tx) => trail.append(tx, tooBold))).rejects.toThrow(/actor_type/);
    expect(await sequences(scope)).toEqual([]);
  });

  it.each([
    `INSERT INTO audit_heads VALUES ('${newId()}', 0, '')`,
    'UPDATE audit_heads SET sequence = 0',
    'DELETE FROM audit_heads',
    'UPDATE audit_entries SET outcome = outcome',
    'DELETE FROM audit_entries',
    'TRUNCATE audit_entries',
    `INSERT INTO audit_entries SELECT * FROM audit_entries`,
  ])('refuses the app role: %s', async (statement) => {
    const scope = newScope();
    await city.run(scope, (tx) => append(tx));
    await expect(city.run(scope, (tx) => tx.query(statement))).rejects.toThrow(/permission denied/);
  });

  it('refuses its owner too, while its triggers stand', async () => {
    const scope = newScope();
    await city.run(scope, (tx) => append(tx));
    const asOwner = `SET ROLE moyai_owner; SET app.tenant_id = '${scope.tenantId}'`;
    for (const statement of [
      "UPDATE audit_entries SET action = 'x'",
      'DELETE FROM audit_entries',
      'TRUNCATE audit_entries',
    ])
      await expect(asSuperuser(asOwner, statement)).rejects.toThrow(/append-only/);
  });

  it('cannot be led astray by a temporary table that bears the name of the head', async () => {
    const scope = newScope();
    await city.run(scope, async (tx) => {
      await tx.query('CREATE TEMPORARY TABLE audit_heads (tenant_id uuid, sequence bigint, hash bytea) ON COMMIT DROP');
      await tx.query('GRANT ALL ON pg_temp.audit_heads TO PUBLIC');
      await append(tx);
    });
    expect(await new AuditVerifier(ops).verify(scope)).toMatchObject({ intact: true, chains: [{ entries: 1 }] });
  });

  it("appends to no chain but the transaction's own, and shows no other", async () => {
    const [one, other] = [newScope(), newScope()];
    await city.run(one, (tx) => append(tx, 'session.opened'));
    await city.run(other, (tx) => append(tx));
    expect(await city.run(one, (tx) => tx.query('SELECT DISTINCT tenant_id FROM audit_entries'))).toEqual([
      { tenant_id: one.tenantId },
    ]);
    const nowhere = "SELECT audit_append('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')";
    await expect(sources[0]!.query(nowhere)).rejects.toThrow(/without a tenant/);
  });

  it('lets ops append to the chain it acts on and read what it wrote', async () => {
    const scope = newScope();
    await ops.run(async (tx) => {
      await tx.actOn(scope.tenantId);
      await append(tx, 'city.created');
    });
    expect(await new AuditVerifier(ops).verify(scope)).toMatchObject({ intact: true, chains: [{ entries: 1 }] });
  });

  it('is read newest first in pages that do not shift, by action and by time', async () => {
    const scope = newScope();
    const start = clock.now();
    for (let index = 0; index < 5; index++) {
      await city.run(scope, (tx) => append(tx, index % 2 ? 'session.opened' : 'job.accepted'));
      clock.advance(60_000);
    }
    const list = (query: Partial<Parameters<AuditReader['list']>[1]>) =>
      city.run(scope, (tx) => reader.list(tx, { limit: 2, ...query }));
    const first = await list({});
    expect(first.items.map(({ sequence }) => sequence)).toEqual([5, 4]);
    await city.run(scope, (tx) => append(tx));
    const second = await list({ cursor: first.nextCursor! });
    expect(second.items.map(({ sequence }) => sequence)).toEqual([3, 2]);
    expect(await list({ cursor: second.nextCursor! })).toMatchObject({ items: [{ sequence: 1 }], nextCursor: null });
    expect((await list({ action: 'session.opened' })).items.map(({ sequence }) => sequence)).toEqual([4, 2]);
    const at = (minutes: number) => new Date(start.getTime() + minutes * 60_000);
    expect((await list({ from: at(1), to: at(2) })).items).toMatchObject([{ sequence: 2, occurredAt: at(1) }]);
    await expect(list({ cursor: "1' OR true" })).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
  });
});
