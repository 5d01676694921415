import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestAudit, type TestChain, entry, openAudit } from '../test/audit.ts';

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
  let audit: TestAudit;
  let chain: TestChain;

  beforeAll(async () => {
    audit = await openAudit();
  });
  afterAll(() => audit[Symbol.asyncDispose]());
  beforeEach(async () => {
    chain = await audit.newChain();
  });

  it('finds an untouched chain intact and counts it', async () => {
    await chain.anchor();
    expect(await chain.verify(chain.anchorFile)).toMatchObject({
      intact: true,
      chains: [{ tenantId: chain.scope.tenantId, entries: 6, anchors: 1, faults: [] }],
      anchors: { unreadable: 0, broken: [] },
    });
  });

  it('follows a chain of many batches to its end', async () => {
    const settled = { action: 'job.settled', actor: { type: 'system', id: null } } as const;
    await audit.city.run(chain.scope, (tx) => audit.trail.append(tx, ...Array.from({ length: 4315 }, () => settled)));
    expect(await chain.verify()).toMatchObject({ intact: true, chains: [{ entries: 4321 }] });
    await chain.tamper(`UPDATE audit_entries SET outcome = 'failed' WHERE ${entry(4000)}`);
    expect(await chain.faults()).toEqual([{ kind: 'edited', sequence: 4000 }]);
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
    await chain.tamper(`UPDATE audit_entries SET ${change} WHERE ${entry(3)}`);
    expect((await chain.faults())?.[0]).toEqual({ kind: 'edited', sequence: 3 });
  });

  it('names the entries that were removed, between others and at the end', async () => {
    await chain.tamper('DELETE FROM audit_entries WHERE tenant_id = $TENANT AND sequence IN (2, 3, 6)');
    expect(await chain.faults()).toEqual([
      { kind: 'removed', sequence: 2, through: 3 },
      { kind: 'removed', sequence: 6, through: 6 },
    ]);
  });

  it('finds two entries that changed places, and one slipped in below the first', async () => {
    await chain.tamper(
      `UPDATE audit_entries SET sequence = 99 WHERE ${entry(3)}`,
      `UPDATE audit_entries SET sequence = 3 WHERE ${entry(4)}`,
      `UPDATE audit_entries SET sequence = 4 WHERE ${entry(99)}`,
    );
    expect(await chain.faults()).toEqual(
      [3, 4, 5].map((sequence) => ({ kind: sequence === 5 ? 'relinked' : 'reordered', sequence })),
    );
    await chain.tamper(`UPDATE audit_entries SET sequence = -7 WHERE ${entry(4)}`);
    expect((await chain.faults())?.[0]).toEqual({ kind: 'edited', sequence: -7 });
  });

  it('finds a head that names another end than the entries have', async () => {
    await chain.tamper('UPDATE audit_heads SET hash = sha256(hash) WHERE tenant_id = $TENANT');
    expect(await chain.faults()).toEqual([{ kind: 'head_mismatch', sequence: 6 }]);
    await chain.tamper('UPDATE audit_heads SET sequence = 5 WHERE tenant_id = $TENANT');
    expect(await chain.faults()).toEqual([{ kind: 'head_mismatch', sequence: 5 }]);
  });

  it('finds entries whose head was removed, also when no one names the tenant', async () => {
    await chain.tamper('DELETE FROM audit_heads WHERE tenant_id = $TENANT');
    const { chains } = await audit.verifier.verify();
    expect(chains.find(({ tenantId }) => tenantId === chain.scope.tenantId)?.faults).toEqual([
      { kind: 'head_missing', sequence: 6 },
    ]);
  });

  it('sees through a chain made anew from an edited entry on, but only with the anchor', async () => {
    await chain.anchor();
    await chain.append(2);
    await chain.tamper(`UPDATE audit_entries SET action = 'x' WHERE ${entry(2)}`, REHASH);
    expect(await chain.verify()).toMatchObject({ intact: true, anchors: null });
    expect(await chain.faults(chain.anchorFile)).toEqual([{ kind: 'rewritten', sequence: 6, through: 6 }]);
  });

  it('sees a chain cut at the end together with its head, and one removed altogether, but only with the anchor', async () => {
    await chain.anchor();
    await chain.tamper('DELETE FROM audit_entries WHERE tenant_id = $TENANT AND sequence > 4', REHASH);
    expect(await chain.faults()).toEqual([]);
    expect(await chain.faults(chain.anchorFile)).toEqual([{ kind: 'truncated', sequence: 5, through: 6 }]);
    expect(await chain.anchor()).toMatchObject({ regressed: [chain.scope.tenantId] });
    await chain.tamper(
      'DELETE FROM audit_entries WHERE tenant_id = $TENANT',
      'DELETE FROM audit_heads WHERE tenant_id = $TENANT',
    );
    const { intact, chains } = await audit.verifier.verify({ anchorFile: chain.anchorFile });
    expect(intact).toBe(false);
    expect(chains.find(({ tenantId }) => tenantId === chain.scope.tenantId)?.faults).toEqual([
      { kind: 'truncated', sequence: 1, through: 6 },
    ]);
  });

  it('keeps the early anchors worth something: a chain rewritten between two of them is found', async () => {
    await chain.anchor();
    await chain.tamper(`UPDATE audit_entries SET action = 'x' WHERE ${entry(2)}`, REHASH);
    await chain.append(1);
    await chain.anchor();
    expect(await chain.faults(chain.anchorFile)).toEqual([{ kind: 'rewritten', sequence: 6, through: 6 }]);
  });

  it('names the place where a line of the anchor file was removed or edited', async () => {
    for (let round = 0; round < 3; round++) {
      await chain.append(1);
      await chain.anchor();
    }
    const lines = readFileSync(chain.anchorFile, 'utf8').trimEnd().split('\n');
    const mine = lines.findIndex((line) => line.includes(chain.scope.tenantId));
    const others = lines.length;
    expect(others).toBeGreaterThan(mine + 2);
    writeFileSync(chain.anchorFile, `${lines.toSpliced(mine, 1).join('\n')}\n`);
    expect(await chain.verify(chain.anchorFile)).toMatchObject({ intact: false, anchors: { broken: [mine + 1] } });
    const edited = lines[mine]!.replace(/"anchoredAt":"\d/, '"anchoredAt":"9');
    writeFileSync(chain.anchorFile, `${lines.with(mine, edited).join('\n')}\n`);
    expect(await chain.verify(chain.anchorFile)).toMatchObject({ intact: false, anchors: { broken: [mine + 2] } });
  });

  describe('anchoring', () => {
    it('writes a line only for a chain that grew, in a file only its owner reads', async () => {
      const anchors = chain.anchors();
      expect((await anchors.anchorOnce()).anchored).toBeGreaterThan(0);
      expect(await anchors.anchorOnce()).toMatchObject({ anchored: 0 });
      await chain.append(1);
      expect(await anchors.anchorOnce()).toMatchObject({ anchored: 1 });
      expect(statSync(chain.anchorFile).mode & 0o777).toBe(0o600);
    });

    it('lets two processes share a file without breaking its chain', async () => {
      const [one, other] = [0, 1].map(() => chain.anchors());
      for (let round = 0; round < 5; round++) {
        await chain.append(1);
        await Promise.all([one!.anchorOnce(), other!.anchorOnce()]);
      }
      expect(await chain.verify(chain.anchorFile)).toMatchObject({
        intact: true,
        chains: [{ anchors: 5 }],
        anchors: { broken: [] },
      });
    });

    it('goes on after a crash that cut a line short', async () => {
      await chain.anchor();
      appendFileSync(chain.anchorFile, '{"tenantId":"018f');
      await chain.append(1);
      await chain.anchor();
      await chain.append(1);
      await chain.anchor();
      expect(await chain.verify(chain.anchorFile)).toMatchObject({
        intact: true,
        anchors: { unreadable: 1, broken: [] },
      });
    });
  });
});
