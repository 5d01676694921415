import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdmissionDatabase, OpsDatabase, TenantDatabase, type TenantScope, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { AuditAnchors } from './audit-anchors.ts';
import { AuditTrail } from './audit-trail.ts';
import { AuditVerifier } from './audit-verifier.ts';

const clock = new FrozenClock();

describe('verification of the audit trail of a city that left', () => {
  let test: TestDatabase;
  let sources: DataSource[];
  let city: TenantDatabase;
  let ops: OpsDatabase;
  let admission: AdmissionDatabase;
  let directory: string;
  let anchorFile: string;
  let scope: TenantScope;

  beforeAll(async () => {
    test = await createTestDatabase();
    sources = [test.urls.app, test.urls.ops, test.urls.admission].map((url) => createDataSource(url, 4));
    await Promise.all(sources.map((source) => source.initialize()));
    city = new TenantDatabase(sources[0]!);
    ops = new OpsDatabase(sources[1]!);
    admission = new AdmissionDatabase(sources[2]!);
    directory = mkdtempSync(join(tmpdir(), 'moyai-anchors-'));
  });
  afterAll(async () => {
    await Promise.all(sources.map((source) => source.destroy()));
    await test.drop();
    rmSync(directory, { recursive: true });
  });
  beforeEach(async () => {
    scope = { tenantId: tenantId(newId()), segment: 'lgwan' };
    anchorFile = join(directory, `${scope.tenantId}.jsonl`);
    await append(6);
  });

  const append = async (count: number): Promise<void> => {
    const trail = new AuditTrail(clock);
    for (let index = 0; index < count; index++) {
      const event = {
        action: '記録.済',
        actor: { type: 'member', id: newId() },
        details: { index, reason: 'é"\\' },
      } as const;
      await city.run(scope, (tx) => trail.append(tx, { ...event, segment: scope.segment }));
      clock.advance(1);
    }
  };
  /** As a superuser with every trigger off: the strongest hand inside the database. */
  const tamper = async (...statements: string[]): Promise<void> => {
    const client = new Client({ connectionString: test.urls.superuser });
    await client.connect();
    try {
      await client.query('SET session_replication_role = replica');
      for (const statement of statements) await client.query(statement.replaceAll('$TENANT', `'${scope.tenantId}'`));
    } finally {
      await client.end();
    }
  };
  const anchor = () => new AuditAnchors(admission, clock, anchorFile).anchorOnce();
  const verify = (file?: string) => new AuditVerifier(ops).verify({ tenantId: scope.tenantId, anchorFile: file });
  const faults = async (file?: string) => (await verify(file)).chains[0]?.faults;
  const entry = (sequence: number) => `tenant_id = $TENANT AND sequence = ${sequence}`;

  /** What a removal leaves behind: the exit with the end of the chain, and no entries. */
  const leave = (state: 'deleting' | 'deleted', gone: string) =>
    tamper(
      `INSERT INTO city_exits (tenant_id, id, state, reason, waiting_days, planned_by, planned_at, agreed_by, agreed_at,
         frozen_at, exported_at, handed_over_at, delete_from, deletion_started_at, deleted_at, phase,
         chain_sequence, chain_hash)
       SELECT $TENANT, $TENANT, '${state}', '契約の終了', 60, $TENANT, now(), $TENANT, now(), now(), now(), now(), '2026-11-22',
         now(), CASE '${state}' WHEN 'deleted' THEN now() END, CASE '${state}' WHEN 'deleting' THEN 'rows' END, sequence, hash
       FROM audit_heads WHERE tenant_id = $TENANT`,
      `DELETE FROM audit_entries WHERE tenant_id = $TENANT AND ${gone}`,
      'DELETE FROM audit_heads WHERE tenant_id = $TENANT',
    );

  it('takes a removed chain for lawful where its recorded end is what was anchored', async () => {
    await anchor();
    await leave('deleted', 'true');
    expect(await verify(anchorFile)).toMatchObject({
      intact: true,
      chains: [{ entries: 0, anchors: 1, endedAt: 6, faults: [] }],
    });
  });

  it('takes it for lawful while the removal is under way, but not a change of what is still there', async () => {
    await anchor();
    await leave('deleting', 'sequence IN (1, 2, 6)');
    expect(await verify(anchorFile)).toMatchObject({ intact: true, chains: [{ entries: 3, endedAt: 6 }] });
    await tamper(`UPDATE audit_entries SET outcome = 'failed' WHERE ${entry(4)}`);
    expect(await faults(anchorFile)).toEqual([{ kind: 'edited', sequence: 4 }]);
  });

  it('raises the alarm where the anchors know of a later end, or of another one', async () => {
    await anchor();
    await leave('deleted', 'true');
    await tamper('UPDATE city_exits SET chain_hash = sha256(chain_hash) WHERE tenant_id = $TENANT');
    expect(await faults(anchorFile)).toEqual([{ kind: 'rewritten', sequence: 6, through: 6 }]);
    await tamper('UPDATE city_exits SET chain_sequence = 4 WHERE tenant_id = $TENANT');
    expect(await faults(anchorFile)).toEqual([{ kind: 'truncated', sequence: 5, through: 6 }]);
  });

  it('raises the alarm where the chain is gone though the deletion never began, or half of it is left after', async () => {
    await anchor();
    await leave('deleted', 'sequence < 4');
    expect(await faults(anchorFile)).toEqual([
      { kind: 'removed', sequence: 1, through: 3 },
      { kind: 'head_missing', sequence: 6 },
    ]);
    await tamper(
      'DELETE FROM audit_entries WHERE tenant_id = $TENANT',
      `UPDATE city_exits SET state = 'waiting', deleted_at = NULL WHERE tenant_id = $TENANT`,
    );
    expect(await faults(anchorFile)).toEqual([{ kind: 'truncated', sequence: 1, through: 6 }]);
  });
});
