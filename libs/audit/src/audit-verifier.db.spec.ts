import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

/** Makes every hash of a chain anew, as someone with the database's own function and all rights would. */
const REHASH = `
DO $$
DECLARE v_entry audit_entries; v_hash bytea;
BEGIN
  FOR v_entry IN SELECT * FROM audit_entries WHERE tenant_id = $TENANT ORDER BY sequence LOOP
    v_entry.previous_hash := coalesce(v_hash, v_entry.previous_hash);
    v_hash := sha256(v_entry.previous_hash || convert_to(
      audit_field(v_entry.tenant_id::text) || audit_field(v_entry.sequence::text) || audit_field(v_entry.id::text)
      || audit_field(((extract(epoch FROM v_entry.occurred_at) * 1000000)::bigint)::text)
      || audit_field(v_entry.actor_type) || audit_field(v_entry.actor_id) || audit_field(v_entry.action)
      || audit_field(v_entry.subject_type) || audit_field(v_entry.subject_id) || audit_field(v_entry.segment)
      || audit_field(v_entry.outcome) || audit_field(v_entry.details), 'UTF8'));
    UPDATE audit_entries SET previous_hash = v_entry.previous_hash, hash = v_hash
      WHERE tenant_id = v_entry.tenant_id AND sequence = v_entry.sequence;
    UPDATE audit_heads SET sequence = v_entry.sequence, hash = v_hash WHERE tenant_id = v_entry.tenant_id;
  END LOOP;
END $$`;

describe('verification of the audit trail', () => {
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

  it('finds an untouched chain intact and counts it', async () => {
    await anchor();
    expect(await verify(anchorFile)).toMatchObject({
      intact: true,
      chains: [{ tenantId: scope.tenantId, entries: 6, anchors: 1, faults: [] }],
      anchors: { unreadable: 0, broken: [] },
    });
  });

  it('follows a chain of many batches to its end', async () => {
    await city.run(scope, (tx) =>
      tx.query(
        `SELECT audit_append(gen_random_uuid(), now(), 'system', NULL, 'job.settled', NULL, NULL, NULL, 'success', '{}')
         FROM generate_series(7, 4321)`,
      ),
    );
    expect(await verify()).toMatchObject({ intact: true, chains: [{ entries: 4321 }] });
    await tamper(`UPDATE audit_entries SET outcome = 'failed' WHERE ${entry(4000)}`);
    expect(await faults()).toEqual([{ kind: 'edited', sequence: 4000 }]);
  });

  it.each([
    'id = gen_random_uuid()',
    "occurred_at = occurred_at + interval '1 microsecond'",
    "actor_type = 'vendor'",
    'actor_id = NULL',
    "action = 'x'",
    "subject_type = ''",
    "subject_id = ''",
    "segment = 'my_number'",
    "outcome = 'refused'",
    "details = details || ' '",
    'hash = sha256(hash)',
  ])('names the entry that was edited: %s', async (change) => {
    await tamper(`UPDATE audit_entries SET ${change} WHERE ${entry(3)}`);
    expect((await faults())?.[0]).toEqual({ kind: 'edited', sequence: 3 });
  });

  it('names the entries that were removed, between others and at the end', async () => {
    await tamper('DELETE FROM audit_entries WHERE tenant_id = $TENANT AND sequence IN (2, 3, 6)');
    expect(await faults()).toEqual([
      { kind: 'removed', sequence: 2, through: 3 },
      { kind: 'removed', sequence: 6, through: 6 },
    ]);
  });

  it('finds two entries that changed places, and one slipped in below the first', async () => {
    await tamper(
      `UPDATE audit_entries SET sequence = 99 WHERE ${entry(3)}`,
      `UPDATE audit_entries SET sequence = 3 WHERE ${entry(4)}`,
      `UPDATE audit_entries SET sequence = 4 WHERE ${entry(99)}`,
    );
    expect(await faults()).toEqual(
      [3, 4, 5].map((sequence) => ({ kind: sequence === 5 ? 'relinked' : 'reordered', sequence })),
    );
    await tamper(`UPDATE audit_entries SET sequence = -7 WHERE ${entry(4)}`);
    expect((await faults())?.[0]).toEqual({ kind: 'edited', sequence: -7 });
  });

  it('finds a head that names another end than the entries have', async () => {
    await tamper('UPDATE audit_heads SET hash = sha256(hash) WHERE tenant_id = $TENANT');
    expect(await faults()).toEqual([{ kind: 'head_mismatch', sequence: 6 }]);
    await tamper('UPDATE audit_heads SET sequence = 5 WHERE tenant_id = $TENANT');
    expect(await faults()).toEqual([{ kind: 'head_mismatch', sequence: 5 }]);
  });

  it('finds entries whose head was removed, also when no one names the tenant', async () => {
    await tamper('DELETE FROM audit_heads WHERE tenant_id = $TENANT');
    const { chains } = await new AuditVerifier(ops).verify();
    expect(chains.find((chain) => chain.tenantId === scope.tenantId)?.faults).toEqual([
      { kind: 'head_missing', sequence: 6 },
    ]);
  });

  it('sees through a chain made anew from an edited entry on, but only with the anchor', async () => {
    await anchor();
    await append(2);
    await tamper(`UPDATE audit_entries SET action = 'x' WHERE ${entry(2)}`, REHASH);
    expect(await verify()).toMatchObject({ intact: true, anchors: null });
    expect(await faults(anchorFile)).toEqual([{ kind: 'rewritten', sequence: 6, through: 6 }]);
  });

  it('sees a chain cut at the end together with its head, and one removed altogether, but only with the anchor', async () => {
    await anchor();
    await tamper('DELETE FROM audit_entries WHERE tenant_id = $TENANT AND sequence > 4', REHASH);
    expect(await faults()).toEqual([]);
    expect(await faults(anchorFile)).toEqual([{ kind: 'truncated', sequence: 5, through: 6 }]);
    expect(await anchor()).toMatchObject({ regressed: [scope.tenantId] });
    await tamper(
      'DELETE FROM audit_entries WHERE tenant_id = $TENANT',
      'DELETE FROM audit_heads WHERE tenant_id = $TENANT',
    );
    const { intact, chains } = await new AuditVerifier(ops).verify({ anchorFile });
    expect(intact).toBe(false);
    expect(chains.find((chain) => chain.tenantId === scope.tenantId)?.faults).toEqual([
      { kind: 'truncated', sequence: 1, through: 6 },
    ]);
  });

  it('keeps the early anchors worth something: a chain rewritten between two of them is found', async () => {
    await anchor();
    await tamper(`UPDATE audit_entries SET action = 'x' WHERE ${entry(2)}`, REHASH);
    await append(1);
    await anchor();
    expect(await faults(anchorFile)).toEqual([{ kind: 'rewritten', sequence: 6, through: 6 }]);
  });

  it('names the place where a line of the anchor file was removed or edited', async () => {
    for (let round = 0; round < 3; round++) {
      await append(1);
      await anchor();
    }
    const lines = readFileSync(anchorFile, 'utf8').trimEnd().split('\n');
    const mine = lines.findIndex((line) => line.includes(scope.tenantId));
    const others = lines.length;
    expect(others).toBeGreaterThan(mine + 2);
    writeFileSync(anchorFile, `${lines.toSpliced(mine, 1).join('\n')}\n`);
    expect(await verify(anchorFile)).toMatchObject({ intact: false, anchors: { broken: [mine + 1] } });
    const edited = lines[mine]!.replace(/"anchoredAt":"\d/, '"anchoredAt":"9');
    writeFileSync(anchorFile, `${lines.with(mine, edited).join('\n')}\n`);
    expect(await verify(anchorFile)).toMatchObject({ intact: false, anchors: { broken: [mine + 2] } });
  });

  describe('anchoring', () => {
    it('writes a line only for a chain that grew, in a file only its owner reads', async () => {
      const anchors = new AuditAnchors(admission, clock, anchorFile);
      expect((await anchors.anchorOnce()).anchored).toBeGreaterThan(0);
      expect(await anchors.anchorOnce()).toMatchObject({ anchored: 0 });
      await append(1);
      expect(await anchors.anchorOnce()).toMatchObject({ anchored: 1 });
      expect(statSync(anchorFile).mode & 0o777).toBe(0o600);
    });

    it('lets two processes share a file without breaking its chain', async () => {
      const [one, other] = [0, 1].map(() => new AuditAnchors(admission, clock, anchorFile));
      for (let round = 0; round < 5; round++) {
        await append(1);
        await Promise.all([one!.anchorOnce(), other!.anchorOnce()]);
      }
      expect(await verify(anchorFile)).toMatchObject({
        intact: true,
        chains: [{ anchors: 5 }],
        anchors: { broken: [] },
      });
    });

    it('goes on after a crash that cut a line short', async () => {
      await anchor();
      appendFileSync(anchorFile, '{"tenantId":"018f');
      await append(1);
      await anchor();
      await append(1);
      await anchor();
      expect(await verify(anchorFile)).toMatchObject({ intact: true, anchors: { unreadable: 1, broken: [] } });
    });
  });
});
