import type { INestApplicationContext } from '@nestjs/common';
import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CloseDeliveries, CloseRunner } from '#libs/billing';
import { fiscalYearOf } from '#libs/kernel';
import { FIRST_DAY, LAST_MONTH, type People, addBilledCities, beginClose, issueDrafts } from '../test/billed-cities.ts';
import { type KillSite, openKillSite } from '../test/kill-site.ts';
import { kill } from '../test/worker-process.ts';

const PATIENCE = { timeout: 40_000, interval: 20 };
/** More than are drafted in one transaction, so that a close is killed with some drafts made and some not. */
const CITIES = 250;

describe.each(['postgres', 'redis'] as const)('a close whose worker is killed, on the %s backend', (backend) => {
  let site: KillSite;
  let worker: INestApplicationContext;
  let superuser: Client;
  let people: People;
  let undisturbed: string[];
  beforeAll(async () => {
    site = await openKillSite(backend);
    ({ worker, superuser } = site);
    people = await addBilledCities(superuser, CITIES);
    await beginClose(superuser);
    await worker.get(CloseRunner).run(LAST_MONTH);
    undisturbed = await drafts();
  });
  afterEach(() => site.killProcesses());
  afterAll(() => site.close());

  const rows: KillSite['rows'] = (sql, parameters) => site.rows(sql, parameters);
  const period = async () =>
    (
      await rows<{ state: string; phase: string | null; done: number; fault: string | null }>(
        'SELECT state, phase, done::integer AS done, fault FROM billing_periods WHERE month = $1',
        [FIRST_DAY],
      )
    )[0];
  const drafts = async () =>
    (
      await rows<{ document: string }>('SELECT document FROM invoices WHERE month = $1 ORDER BY tenant_id', [FIRST_DAY])
    ).map(({ document }) => document);

  /** As if the month had never been closed. */
  async function reopen(): Promise<void> {
    await rows('ALTER TABLE invoice_events DISABLE TRIGGER no_change');
    for (const table of ['invoice_events', 'invoices', 'period_usage', 'billing_periods'])
      await rows(`DELETE FROM ${table}`);
    await rows('ALTER TABLE invoice_events ENABLE TRIGGER no_change');
  }

  it.each([
    ['while it counts', 'counting', 0, 'LOCK TABLE period_usage IN SHARE MODE'],
    // An invoice refers to its contract, so it waits for who is about to change that
    ['while it drafts', 'drafting', 200, 'SELECT FROM contracts ORDER BY tenant_id DESC LIMIT 1 FOR UPDATE'],
  ])(
    '%s is delivered again to another and comes to the same bytes',
    async (_when, phase, done, holdUp) => {
      await reopen();
      await beginClose(superuser);
      await site.holder.query('BEGIN');
      await site.holder.query(holdUp);
      const killed = await site.startProcess();
      await worker.get(CloseDeliveries).deliver(LAST_MONTH, 1);
      await vi.waitUntil(
        async () =>
          (
            await rows(`SELECT FROM pg_stat_activity
                      WHERE usename = 'moyai_finance' AND datname = current_database() AND wait_event_type = 'Lock'`)
          ).length > 0,
        PATIENCE,
      );
      expect(await period()).toEqual({ state: 'closing', phase, done, fault: null });
      await kill(killed);
      await site.holder.query('ROLLBACK');
      expect((await period())?.state).toBe('closing');

      await site.startProcess();
      await vi.waitUntil(async () => (await period())?.state === 'closed', PATIENCE);
      expect(await drafts()).toEqual(undisturbed);
      expect(undisturbed).toHaveLength(CITIES);
    },
    90_000,
  );

  it('has drafted what is issued under numbers without a gap', async () => {
    await issueDrafts(site.house, superuser, people);
    const issued = await rows<{ number: string }>('SELECT number FROM invoices ORDER BY number');
    const year = fiscalYearOf(new Date());
    expect(issued.map(({ number }) => number)).toEqual(
      undisturbed.map((_, index) => `M${year}-${String(index + 1).padStart(6, '0')}`),
    );
  }, 90_000);
});
