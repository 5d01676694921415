import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type TestDatabase, type TestRedis, createTestDatabase, createTestRedis } from '#libs/testing';
import { Line } from '../test/line.ts';
import { QueueHost } from './queue-host.ts';
import { assertRedisKeepsQueues } from './redis-settings.ts';

const PATIENCE = { timeout: 15_000, interval: 20 };
const CONTRACT = {
  name: 'test.numbers',
  payload: z.object({ number: z.int() }),
  deliveryId: ({ number }: { number: number }) => `n-${number}`,
};

describe.each(['postgres', 'redis'] as const)('the queue on %s', (backend) => {
  let database: TestDatabase;
  let redis: TestRedis;
  let line: Line;
  let host: QueueHost;
  beforeAll(async () => {
    database = await createTestDatabase();
    redis = await createTestRedis();
    line = new Line(new URL(backend === 'redis' ? redis.url : database.urls.admission));
    await line.open();
    host = new QueueHost({ backend, url: line.url });
  });
  afterAll(async () => {
    await host.onApplicationShutdown();
    await line.close();
    await redis.drop();
    await database.drop();
  });

  it('takes deliveries from a producer that was opened while it was away', async () => {
    await line.close();
    const producer = host.producer(CONTRACT);
    await expect(producer.add([{ number: 1 }])).rejects.toThrow();
    await line.open();
    await vi.waitUntil(
      () =>
        producer.add([{ number: 2 }]).then(
          () => true,
          () => false,
        ),
      PATIENCE,
    );
  });

  it('goes on handing out deliveries after its connections were lost', async () => {
    const producer = host.producer(CONTRACT);
    const handled = new Set<number>();
    const consumer = await host.consume(
      CONTRACT,
      2,
      async ({ number }) => void handled.add(number),
      () => undefined,
    );
    await producer.add([{ number: 10 }]);
    await vi.waitUntil(() => handled.has(10), PATIENCE);
    await line.close();
    await expect(producer.add([{ number: 11 }])).rejects.toThrow();
    await line.open();
    await vi.waitUntil(
      () =>
        producer.add([{ number: 12 }]).then(
          () => true,
          () => false,
        ),
      PATIENCE,
    );
    await vi.waitUntil(() => handled.has(12), PATIENCE);
    await consumer.close();
  });
});

describe('a Redis at start', () => {
  it('is not demanded to be there', async () => {
    await expect(assertRedisKeepsQueues('redis://127.0.0.1:1')).resolves.toBeUndefined();
  });
});
