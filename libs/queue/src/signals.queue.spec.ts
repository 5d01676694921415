import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { QueueConfig } from '#libs/config';
import { newId } from '#libs/kernel';
import { createTestDatabase } from '#libs/testing';
import { FaultProxy } from '../../../tools/services/fault-proxy.ts';
import { BACKENDS, type Reach, openReach } from '../test/reach.ts';
import { PostgresSignals } from './postgres-signals.ts';
import { RedisSignals } from './redis-signals.ts';

const PATIENCE = { timeout: 15_000, interval: 20 };

const openSignals = (config: QueueConfig) =>
  config.backend === 'postgres' ? new PostgresSignals(config.url) : new RedisSignals(config);

describe.each(BACKENDS)('signals on %s', (backend) => {
  let reach: Reach;
  let speaker: PostgresSignals | RedisSignals;
  let listener: PostgresSignals | RedisSignals;
  const heard = new Set<string>();
  beforeAll(async () => {
    reach = await openReach(backend);
    [speaker, listener] = [openSignals(reach.config), openSignals(reach.config)];
    listener.subscribe((signal) => signal.kind === 'job.finished' && heard.add(signal.jobId));
  });
  afterAll(async () => {
    await Promise.all([speaker.onApplicationShutdown(), listener.onApplicationShutdown()]);
    await reach.close();
  });

  /** A single one may be lost, as any hint may; that they come again must not be left to chance. */
  const areHeard = () =>
    vi.waitUntil(() => {
      speaker.publish({ kind: 'job.finished', jobId: newId() });
      return heard.size > 0;
    }, PATIENCE);

  it('reach the other processes', areHeard);

  it('are lost without harm while the connection is away, and heard again when it is back', async () => {
    await reach.lose();
    heard.clear();
    speaker.publish({ kind: 'job.finished', jobId: newId() });
    await reach.regain();
    await areHeard();
    expect(heard.size).toBeGreaterThan(0);
  });
});

it('on PostgreSQL are heard again when their connection has fallen silent, as behind a router that has forgotten it', async () => {
  const database = await createTestDatabase();
  const { hostname, port } = new URL(database.urls.admission);
  const way = await FaultProxy.open(hostname, Number(port));
  const signals = new PostgresSignals(way.through(database.urls.admission), 300);
  let heard = 0;
  signals.subscribe(() => void (heard += 1));
  const isHeardAgain = () => {
    const before = heard;
    return vi.waitUntil(() => {
      signals.publish({ kind: 'job.finished', jobId: newId() });
      return heard > before;
    }, PATIENCE);
  };
  await isHeardAgain();
  way.forget();
  await isHeardAgain();
  await signals.onApplicationShutdown();
  await way.close();
  await database.drop();
});
