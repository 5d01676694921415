import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newId, tenantId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase } from '#libs/testing';
import { FaultProxy } from '../../../tools/services/fault-proxy.ts';
import { createDataSource } from './data-sources.ts';
import { AdmissionDatabase, TenantDatabase } from './databases.ts';

/** As behind a router that has forgotten it: it stands and carries nothing. */
describe('a connection that has fallen silent', () => {
  let test: TestDatabase;
  let way: FaultProxy;
  let source: DataSource;
  beforeEach(async () => {
    test = await createTestDatabase();
    const { hostname, port } = new URL(test.urls.app);
    way = await FaultProxy.open(hostname, Number(port));
  });
  afterEach(async () => {
    await way.become({ kind: 'closed' });
    await source.destroy();
    await test.drop();
  });

  const open = async (url: string) =>
    (source = await createDataSource(way.through(url), 1, { silenceMs: 500 }).initialize());

  const connections = () => (source.driver as unknown as { readonly master: Pool }).master.totalCount;

  it('fails the statement that waits on it, and leaves its place to another', async () => {
    const database = new AdmissionDatabase(await open(test.urls.admission));
    await database.query('SELECT 1');
    await way.become({ kind: 'silent' });
    await expect(database.query('SELECT 1')).rejects.toThrow('Query read timeout');
    await vi.waitUntil(() => connections() === 0);
    await way.become({ kind: 'clear' });
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('fails a transaction with all that was sent on it', async () => {
    const database = new TenantDatabase(await open(test.urls.app));
    const scope = { tenantId: tenantId(newId()), segment: 'lgwan' as const };
    await way.become({ kind: 'silent' });
    const sent: Promise<unknown>[] = [];
    const work = database.run(scope, async (tx) => {
      sent.push(tx.query('SELECT 1'), tx.query('SELECT 2'));
      tx.commitBehind();
      await Promise.all(sent);
    });
    await expect(work).rejects.toThrow(/Query read timeout|Connection terminated/);
    expect((await Promise.allSettled(sent)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await vi.waitUntil(() => connections() === 0);
    await way.become({ kind: 'clear' });
    expect(await database.run(scope, (tx) => tx.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  });
});
