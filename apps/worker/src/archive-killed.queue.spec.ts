import { createHash } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { ArchiveDeliveries, ArchiveRunner, CloseRunner, type InvoiceArchive, InvoiceArchives } from '#libs/billing';
import { FinanceDatabase } from '#libs/database';
import { Clock } from '#libs/kernel';
import { FIRST_DAY, LAST_MONTH, type People, addBilledCities, beginClose, issueDrafts } from '../test/billed-cities.ts';
import { type KillSite, openKillSite } from '../test/kill-site.ts';
import { kill } from '../test/worker-process.ts';

const PATIENCE = { timeout: 40_000, interval: 20 };
const CITIES = 12;
/** In the second handful of files. */
const KILLED_AT = 7;

describe.each(['postgres', 'redis'] as const)('an archive of invoices, on the %s backend', (backend) => {
  let site: KillSite;
  let worker: INestApplicationContext;
  let superuser: Client;
  let people: People;
  beforeAll(async () => {
    site = await openKillSite(backend);
    ({ worker, superuser } = site);
    people = await addBilledCities(superuser, CITIES);
    await beginClose(superuser);
    await worker.get(CloseRunner).run(LAST_MONTH);
    await issueDrafts(site.house, superuser, people);
  });
  afterAll(() => site.close());

  const archives = () => new InvoiceArchives(worker.get(AuditTrail), worker.get(Clock));
  const vendor = () => ({ type: 'vendor', id: people[0] }) as const;
  const finance = () => worker.get(FinanceDatabase);
  const begin = (): Promise<InvoiceArchive> => finance().run((tx) => archives().begin(tx, vendor(), LAST_MONTH));
  const found = () => finance().run((tx) => archives().find(tx, LAST_MONTH));
  const seen = async (): Promise<InvoiceArchive> => (await found())!;
  const filesOf = async (archive: InvoiceArchive): Promise<string[]> => {
    const files: string[] = [];
    for await (const { name, body } of archives().files(finance(), archive))
      files.push(`${name} ${createHash('sha256').update(body).digest('hex')}`);
    return files;
  };
  const waitsForLock = async () =>
    (
      await superuser.query(`SELECT FROM pg_stat_activity
        WHERE usename = 'moyai_finance' AND datname = current_database() AND wait_event_type = 'Lock'`)
    ).rows.length > 0;

  it('whose worker is killed is gone on with by another, from where it was and to the same bytes', async () => {
    const first = await begin();
    expect(first).toMatchObject({ state: 'running', done: 0, total: CITIES });
    await worker.get(ArchiveRunner).run(first.id);
    const undisturbed = await filesOf(await seen());
    expect(undisturbed).toHaveLength(CITIES);

    const second = await begin();
    expect(second.id).not.toBe(first.id);
    await site.holder.query('BEGIN');
    await site.holder.query('SELECT FROM invoice_archive_files WHERE archive_id = $1 AND position = $2 FOR UPDATE', [
      second.id,
      KILLED_AT,
    ]);
    const killed = await site.startProcess();
    await worker.get(ArchiveDeliveries).deliver({ archiveId: second.id, delivery: second.deliveries });
    await vi.waitUntil(waitsForLock, PATIENCE);
    await kill(killed);
    await site.holder.query('ROLLBACK');
    expect(await seen()).toMatchObject({ state: 'running', done: 5 });

    // As long ago as makes it lost
    await superuser.query(`UPDATE invoice_archives SET touched_at = now() - interval '1 minute' WHERE month = $1`, [
      FIRST_DAY,
    ]);
    await site.startProcess();
    await vi.waitUntil(async () => (await seen()).state === 'ready', PATIENCE);
    expect(await filesOf(await seen())).toEqual(undisturbed);
  }, 90_000);

  it('that is cancelled while it is printed leaves nothing, and whoever was at it ends in peace', async () => {
    const { id } = await begin();
    const printing = worker.get(ArchiveRunner).run(id);
    await finance().run((tx) => archives().discard(tx, vendor(), LAST_MONTH));
    await printing;
    const { rows } = await superuser.query('SELECT FROM invoice_archive_files');
    expect(rows).toEqual([]);
    expect(await found()).toBeNull();
  });

  it('is erased when its day is over', async () => {
    await begin();
    await superuser.query(`UPDATE invoice_archives SET expires_at = now() - interval '1 s'`);
    expect(await found()).toBeNull();
    expect(await worker.get(ArchiveRunner).sweep()).toBe(1);
  });
});
