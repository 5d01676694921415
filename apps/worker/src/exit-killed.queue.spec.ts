import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { ContentSeal, TenantDatabase } from '#libs/database';
import { DataExports, ExitRunner, ExportRunner } from '#libs/exits';
import { Clock, type TenantId, newId, tenantId } from '#libs/kernel';
import { type KillSite, openKillSite } from '../test/kill-site.ts';
import { kill } from '../test/worker-process.ts';

const PATIENCE = { timeout: 40_000, interval: 20 };
/** More than are removed in one step, and more than fit into one chunk of an export. */
const AUDIT_ENTRIES = 21_000;
const PLACE = 41;

describe('what a worker does for a city that leaves', () => {
  let site: KillSite;
  let worker: INestApplicationContext;
  beforeAll(async () => {
    site = await openKillSite('postgres');
    ({ worker } = site);
    await rows(
      `CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN PERFORM pg_advisory_xact_lock(${PLACE}); RETURN NEW; END $$`,
    );
  });
  afterEach(() => site.killProcesses());
  afterAll(() => site.close());

  const rows: KillSite['rows'] = (sql, parameters) => site.rows(sql, parameters);
  const count = async (sql: string, parameters: readonly unknown[] = []) =>
    (await rows<{ n: number }>(`SELECT count(*)::integer AS n FROM ${sql}`, parameters))[0]!.n;

  /** Lets a worker process come to a place in its work, and kills it there. */
  async function killAt(place: string, when: string): Promise<void> {
    await rows(`CREATE TRIGGER wait_here BEFORE ${place} FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION wait_here()`);
    await site.holder.query('SELECT pg_advisory_lock($1)', [PLACE]);
    const killed = await site.startProcess();
    const waits = `pg_locks WHERE locktype = 'advisory' AND objid = ${PLACE} AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    await vi.waitUntil(async () => (await count(waits)) > 0, PATIENCE);
    await kill(killed);
    await site.holder.query('SELECT pg_advisory_unlock($1)', [PLACE]);
    await rows(`DROP TRIGGER wait_here ON ${place.split(' ON ')[1]!}`);
  }

  async function foundCity(code: string): Promise<{ city: TenantId; admin: string }> {
    const [city, admin] = [tenantId(newId()), newId()];
    await rows(`INSERT INTO tenants VALUES ($1, $2, '退会市', 'active', now(), now())`, [city, code]);
    await rows(
      `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, password_changed_at, created_at, updated_at)
       VALUES ($1, $2, 'hanako', 'hanako', '架空 花子', 'admin', 'lgwan', now(), now(), now())`,
      [city, admin],
    );
    await rows(
      `INSERT INTO audit_entries (tenant_id, sequence, id, occurred_at, actor_type, action, outcome, details, previous_hash, hash)
       SELECT $1, n, gen_random_uuid(), now(), 'system', 'job.accepted', 'success', '{}', sha256(n::text::bytea), sha256(n::text::bytea)
       FROM generate_series(1, ${AUDIT_ENTRIES}) AS n`,
      [city],
    );
    await rows(`INSERT INTO audit_heads VALUES ($1, ${AUDIT_ENTRIES}, sha256('${AUDIT_ENTRIES}'))`, [city]);
    await worker.get(ContentSeal).forTenant({ tenantId: city, segment: 'lgwan' });
    return { city, admin };
  }

  describe('its export', () => {
    let scope: { tenantId: TenantId; segment: 'lgwan' };
    let admin: { type: 'member'; id: string };
    let id: string;
    let exports: DataExports;
    let undisturbed: string;
    /** The time of every file in it. */
    let finishedAt: Date;
    beforeAll(async () => {
      const { city, admin: adminId } = await foundCity('500011');
      scope = { tenantId: city, segment: 'lgwan' };
      admin = { type: 'member', id: adminId };
      const audit = worker.get(AuditTrail);
      exports = new DataExports(worker.get(TenantDatabase), worker.get(ContentSeal), audit, worker.get(Clock));
      ({ id } = await exports.request(scope, admin));
      await worker.get(ExportRunner).run(scope, id);
      undisturbed = await archive();
      [{ finishedAt }] = (await rows('SELECT finished_at AS "finishedAt" FROM data_exports')) as [{ finishedAt: Date }];
    });

    const state = async () =>
      (await rows<{ state: string }>('SELECT state FROM data_exports WHERE id = $1', [id]))[0]!.state;
    const made = () => count(`audit_entries WHERE tenant_id = $1 AND action = 'data-export.made'`, [scope.tenantId]);

    /** Its hash. */
    async function archive(): Promise<string> {
      const hash = createHash('sha256');
      for await (const piece of (await exports.archive(scope, id)).stream()) hash.update(piece as Buffer);
      return hash.digest('hex');
    }

    /** As if it had only been asked for. */
    async function again(): Promise<void> {
      await rows('DELETE FROM data_export_chunks');
      await rows('DELETE FROM data_export_files');
      await rows('ALTER TABLE audit_entries DISABLE TRIGGER no_change');
      await rows(`DELETE FROM audit_entries WHERE tenant_id = $1 AND action = 'data-export.made'`, [scope.tenantId]);
      await rows('ALTER TABLE audit_entries ENABLE TRIGGER no_change');
      await rows(
        `UPDATE audit_heads h SET (sequence, hash) = (SELECT sequence, hash FROM audit_entries e
           WHERE e.tenant_id = h.tenant_id ORDER BY sequence DESC LIMIT 1) WHERE tenant_id = $1`,
        [scope.tenantId],
      );
      await rows(
        `UPDATE data_exports SET state = 'queued', done = 0, bytes = 0, manifest_sha256 = NULL, finished_at = NULL,
           expires_at = NULL, touched_at = touched_at - interval '1 minute' WHERE id = $1`,
        [id],
      );
    }

    it.each([
      ['in the middle of a file', 'INSERT ON data_export_chunks', 'NEW.number = 2'],
      ['between two files', 'INSERT ON data_export_files', 'NEW.number = 5'],
      ['with its last word', 'UPDATE ON data_exports', `NEW.state = 'ready'`],
    ])(
      'is killed %s, and another makes the same archive of it',
      async (_when, place, when) => {
        await again();
        await killAt(place, when);
        expect({ state: await state(), made: await made() }).toEqual({ state: 'running', made: 0 });
        await expect(exports.archive(scope, id)).rejects.toMatchObject({ code: 'EXITS.EXPORT_NOT_READY' });

        // A minute without a sign of life
        await rows(`UPDATE data_exports SET touched_at = touched_at - interval '1 minute' WHERE id = $1`, [id]);
        await site.startProcess();
        await vi.waitUntil(async () => (await state()) === 'ready', PATIENCE);
        expect(await made()).toBe(1);
        await rows('UPDATE data_exports SET finished_at = $2 WHERE id = $1', [id, finishedAt]);
        expect(await archive()).toBe(undisturbed);
      },
      90_000,
    );
  });

  describe('its removal', () => {
    let undisturbed: unknown;
    beforeAll(async () => {
      const exit = await leave('500020');
      await worker.get(ExitRunner).run(exit.city, exit.id);
      undisturbed = await removal(exit);
    });

    /** A city that has waited for as long as its contract says, and is to be removed now. */
    async function leave(code: string): Promise<{ city: TenantId; id: string }> {
      const { city, admin } = await foundCity(code);
      const [id, operator] = [newId(), newId()];
      await rows(
        `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at, created_at, updated_at)
         VALUES ($1, $2, $2, '運用', 'ops', 'x', now(), now(), now())`,
        [operator, code],
      );
      await rows(
        `INSERT INTO city_exits (tenant_id, id, state, reason, waiting_days, planned_by, planned_at, agreed_by, agreed_at, frozen_by,
           frozen_at, exported_at, handed_over_at, delete_from, deletion_by, deletion_started_at, phase, touched_at)
         SELECT $1, $2, 'deleting', '契約の満了', 90, $3, day, $4, day, $3, day, day, day, now(), $3, now(), 'queues', now()
         FROM (SELECT now() - interval '90 days' AS day) past`,
        [city, id, operator, admin],
      );
      await rows(`UPDATE tenants SET status = 'deleted' WHERE id = $1`, [city]);
      return { city, id };
    }

    const progress = async ({ id }: { id: string }) =>
      (
        await rows<{ state: string; phase: string | null; done: number; total: number; counted: number }>(
          `SELECT state, phase, done::integer AS done, total::integer AS total,
             (SELECT coalesce(sum(removed), 0)::integer FROM exit_deletions WHERE exit_id = e.id AND place <> 'queues') AS counted
           FROM city_exits e WHERE id = $1`,
          [id],
        )
      )[0]!;

    /** What was removed, and how it is certified. */
    async function removal(exit: { city: TenantId; id: string }) {
      const certificates = await rows<{ document: string }>(
        'SELECT document FROM exit_certificates WHERE exit_id = $1',
        [exit.id],
      );
      const { removed, removalSha256, scan, kept, auditChain } = JSON.parse(certificates[0]!.document) as Record<
        string,
        object
      >;
      const words = `audit_entries WHERE action = 'exit.deleted' AND subject_id = $1`;
      return {
        progress: await progress(exit),
        certificates: certificates.length,
        words: await count(words, [exit.city]),
        certified: { removed, removalSha256, scan: { ...scan, values: undefined }, kept, auditChain },
      };
    }

    it.each([
      ['between the rows of a table', '500038', 'UPDATE ON city_exits', 'OLD.done >= 20000', 'rows'],
      ['when it has destroyed the key', '500046', 'UPDATE ON city_exits', `NEW.phase = 'scan'`, 'key'],
      ['when it certifies', '500054', 'INSERT ON exit_certificates', 'true', 'scan'],
    ])(
      'is killed %s, and another comes to the same end',
      async (_when, code, place, when, phase) => {
        const exit = await leave(code);
        await killAt(place, when);
        const killed = await progress(exit);
        expect(killed).toMatchObject({ state: 'deleting', phase });
        // What is gone is what it says is gone: no step is half done
        expect(killed.done).toBe(killed.counted);
        const rest = await count('audit_entries WHERE tenant_id = $1', [exit.city]);
        expect(rest).toBe(phase === 'rows' ? AUDIT_ENTRIES - 20_000 : 0);
        expect(await count('exit_certificates WHERE exit_id = $1', [exit.id])).toBe(0);
        const { keyService } = site.house.config;
        if (keyService.kind === 'local')
          expect(existsSync(join(keyService.directory, `${exit.city}.key`))).toBe(phase === 'rows');

        await site.startProcess();
        await vi.waitUntil(async () => (await progress(exit)).state === 'deleted', PATIENCE);
        expect(await removal(exit)).toEqual(undisturbed);
      },
      90_000,
    );
  });
});
