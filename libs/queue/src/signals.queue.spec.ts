import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { newId } from '#libs/kernel';
import { type TestDatabase, type TestRedis, createTestDatabase, createTestRedis } from '#libs/testing';
import { Line } from '../test/line.ts';
import { PostgresSignals } from './postgres-signals.ts';
import { RedisSignals } from './redis-signals.ts';

const PATIENCE = { timeout: 15_000, interval: 20 };

describe.each(['postgres', 'redis'] as const)('signals on %s', (backend) => {
  let database: TestDatabase;
  let redis: TestRedis;
  let line: Line;
  let speaker: PostgresSignals | RedisSignals;
  let listener: PostgresSignals | RedisSignals;
  const heard = new Set<string>();
  beforeAll(async () => {
    database = await createTestDatabase();
    redis = await createTestRedis();
    line = new Line(new URL(backend === 'redis' ? redis.url : database.urls.admission));
    await line.open();
    const open = () => (backend === 'redis' ? new RedisSignals(line.url) : new PostgresSignals(line.url));
    [speaker, listener] = [open(), open()];
    listener.subscribe((signal) => signal.kind === 'job.finished' && heard.add(signal.jobId));
  });
  afterAll(async () => {
    await Promise.all([speaker.onApplicationShutdown(), listener.onApplicationShutdown()]);
    await line.close();
    await redis.drop();
    await database.drop();
  });

  /** A single one may be lost, as any hint may; that they come again must not be left to chance. */
  const areHeard = () =>
    vi.waitUntil(() => {
      speaker.publish({ kind: 'job.finished', jobId: newId() });
      return heard.size > 0;
    }, PATIENCE);

  it('reach the other processes', areHeard);

  it('are lost without harm while the connection is away, and heard again when it is back', async () => {
    await line.close();
    heard.clear();
    speaker.publish({ kind: 'job.finished', jobId: newId() });
    await line.open();
    await areHeard();
    expect(heard.size).toBeGreaterThan(0);
  });
});
