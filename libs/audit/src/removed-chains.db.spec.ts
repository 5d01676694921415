import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestAudit, type TestChain, entry, openAudit } from '../test/audit.ts';

describe('verification of the audit trail of a city that left', () => {
  let audit: TestAudit;
  let chain: TestChain;

  beforeAll(async () => {
    audit = await openAudit();
  });
  afterAll(() => audit[Symbol.asyncDispose]());
  beforeEach(async () => {
    chain = await audit.newChain();
  });

  /** What a removal leaves behind: the exit with the end of the chain, and no entries. */
  const leave = (state: 'deleting' | 'deleted', gone: string) =>
    chain.tamper(
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
    await chain.anchor();
    await leave('deleted', 'true');
    expect(await chain.verify(chain.anchorFile)).toMatchObject({
      intact: true,
      chains: [{ entries: 0, anchors: 1, endedAt: 6, faults: [] }],
    });
  });

  it('takes it for lawful while the removal is under way, but not a change of what is still there', async () => {
    await chain.anchor();
    await leave('deleting', 'sequence IN (1, 2, 6)');
    expect(await chain.verify(chain.anchorFile)).toMatchObject({ intact: true, chains: [{ entries: 3, endedAt: 6 }] });
    await chain.tamper(`UPDATE audit_entries SET outcome = 'failed' WHERE ${entry(4)}`);
    expect(await chain.faults(chain.anchorFile)).toEqual([{ kind: 'edited', sequence: 4 }]);
  });

  it('raises the alarm where the anchors know of a later end, or of another one', async () => {
    await chain.anchor();
    await leave('deleted', 'true');
    await chain.tamper('UPDATE city_exits SET chain_hash = sha256(chain_hash) WHERE tenant_id = $TENANT');
    expect(await chain.faults(chain.anchorFile)).toEqual([{ kind: 'rewritten', sequence: 6, through: 6 }]);
    await chain.tamper('UPDATE city_exits SET chain_sequence = 4 WHERE tenant_id = $TENANT');
    expect(await chain.faults(chain.anchorFile)).toEqual([{ kind: 'truncated', sequence: 5, through: 6 }]);
  });

  it('raises the alarm where the chain is gone though the deletion never began, or half of it is left after', async () => {
    await chain.anchor();
    await leave('deleted', 'sequence < 4');
    expect(await chain.faults(chain.anchorFile)).toEqual([
      { kind: 'removed', sequence: 1, through: 3 },
      { kind: 'head_missing', sequence: 6 },
    ]);
    await chain.tamper(
      'DELETE FROM audit_entries WHERE tenant_id = $TENANT',
      `UPDATE city_exits SET state = 'waiting', deleted_at = NULL WHERE tenant_id = $TENANT`,
    );
    expect(await chain.faults(chain.anchorFile)).toEqual([{ kind: 'truncated', sequence: 1, through: 6 }]);
  });
});
