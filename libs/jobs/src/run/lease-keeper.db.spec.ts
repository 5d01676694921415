import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AdmissionDatabase, createDataSource } from '#libs/database';
import { tenantId } from '#libs/kernel';
import { Log } from '#libs/observability';
import { FaultProxy } from '../../../../tools/services/fault-proxy.ts';
import { Line } from '../../test/line.ts';
import { LeaseKeeper } from './lease-keeper.ts';

const LEASE_MS = 3_000;
const PATIENCE = { timeout: 15_000, interval: 10 };

class Nothing extends Log {
  override write(): void {}
}

describe('the leases of a worker', () => {
  let line: Line;
  let way: FaultProxy;
  let source: DataSource;
  let keeper: LeaseKeeper;
  let job: string;
  beforeEach(async () => {
    line = await Line.open();
    const { admission } = line.database.urls;
    const { hostname, port } = new URL(admission);
    way = await FaultProxy.open(hostname, Number(port));
    source = await createDataSource(way.through(admission), 3).initialize();
    keeper = new LeaseKeeper(new AdmissionDatabase(source), new Nothing());
    await line.configure({ id: 'a', concurrency: 1 });
    const city = await line.foundCity();
    [job] = (await line.queue(city, 1)) as [string];
    await line.admit();
    await line.everything.query('UPDATE admission_entries SET lease_fence = 1, lease_expires_at = now()');
    keeper.hold({ tenantId: tenantId(city), jobId: job, fence: 1, onEnd: () => undefined });
    keeper.start(LEASE_MS);
  });
  afterEach(async () => {
    keeper.stop();
    await way.become({ kind: 'closed' });
    await source.destroy();
    await line.close();
  });

  /** When the lease runs out, once that is later than it was. */
  const renewed = (before: number): Promise<number> =>
    vi.waitUntil(async () => {
      const [row] = await line.everything.query<{ lease_expires_at: Date }[]>(
        'SELECT lease_expires_at FROM admission_entries',
      );
      const expiresAt = row!.lease_expires_at.getTime();
      return expiresAt > before && expiresAt;
    }, PATIENCE);

  it('are renewed in time also when the connection that they are renewed on has fallen silent', async () => {
    const first = await renewed(Date.now());
    way.forget();
    const second = await renewed(first);
    expect(second - LEASE_MS).toBeLessThan(first);
  });
});
