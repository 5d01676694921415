import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { ArchiveDeliveries, ArchiveRunner, CloseRunner, type InvoiceArchive, InvoiceArchives } from '#libs/billing';
import { FinanceDatabase } from '#libs/database';
import { Clock } from '#libs/kernel';
import { FIRST_DAY, LAST_MONTH, type People, addBilledCities, beginClose, issueDrafts } from '../test/billed-cities.ts';
import { type House, openHouse } from '../test/job-house.ts';
import { startWorkerProcess } from '../test/worker-process.ts';
import { WorkerModule } from './worker.module.ts';

const PATIENCE = { timeout: 40_000, interval: 20 };
const CITIES = 12;
/** In the second handful of files. */
const KILLED_AT = 7;

describe.each(['postgres', 'redis'] as const)('an archive of invoices, on the %s backend', (backend) => {
  let house: House;
  /** Takes nothing from the queue by itself. */
  let worker: INestApplicationContext;
  let superuser: Client;
  /** Holds a lock that the printing comes to wait for: a place to kill it at. */
  let holder: Client;
  let people: People;
  const processes: ChildProcess[] = [];
  beforeAll(async () => {
    house = await openHouse(backend);
    worker = await NestFactory.createApplicationContext(WorkerModule.forRoot(house.config), {
      logger: false,
      abortOnError: false,
    });
    [superuser, holder] = [0, 1].map(() => new Client({ connectionString: house.database.urls.superuser })) as [
      Client,
      Client,
    ];
    await Promise.all([superuser.connect(), holder.connect()]);
    people = await addBilledCities(superuser, CITIES);
    await beginClose(superuser);
    await worker.get(CloseRunner).run(LAST_MONTH);
    await issueDrafts(house, superuser, people);
  });
  afterAll(async () => {
    await Promise.all(processes.map(kill));
    await Promise.all([superuser.end(), holder.end()]);
    await worker.close();
    await house.close();
  });

  const startProcess = async () => {
    const started = await startWorkerProcess(house.config);
    processes.push(started);
    return started;
  };
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
    await holder.query('BEGIN');
    await holder.query('SELECT FROM invoice_archive_files WHERE archive_id = $1 AND position = $2 FOR UPDATE', [
      second.id,
      KILLED_AT,
    ]);
    const killed = await startProcess();
    await worker.get(ArchiveDeliveries).deliver({ archiveId: second.id, delivery: second.deliveries });
    await vi.waitUntil(waitsForLock, PATIENCE);
    await kill(killed);
    await holder.query('ROLLBACK');
    expect(await seen()).toMatchObject({ state: 'running', done: 5 });

    // As long ago as makes it lost
    await superuser.query(`UPDATE invoice_archives SET touched_at = now() - interval '1 minute' WHERE month = $1`, [
      FIRST_DAY,
    ]);
    await startProcess();
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

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
