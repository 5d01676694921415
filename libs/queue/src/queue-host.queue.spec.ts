import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { newId, tenantId } from '#libs/kernel';
import { BACKENDS, type Reach, openCluster, openReach } from '../test/reach.ts';
import { QueueHost } from './queue-host.ts';

const PATIENCE = { timeout: 15_000, interval: 20 };
const CONTRACT = {
  name: 'test.numbers',
  payload: z.object({ number: z.int() }),
  deliveryId: ({ number }: { number: number }) => `n-${number}`,
};

describe.each(BACKENDS)('the queue on %s', (backend) => {
  let reach: Reach;
  let host: QueueHost;
  beforeAll(async () => {
    reach = await openReach(backend);
    host = new QueueHost(reach.config);
  });
  afterAll(async () => {
    await host.onApplicationShutdown();
    await reach.close();
  });

  it('takes deliveries from a producer that was opened while it was away', async () => {
    await reach.lose();
    const producer = host.producer(CONTRACT);
    await expect(producer.add([{ number: 1 }])).rejects.toThrow();
    await reach.regain();
    await vi.waitUntil(
      () =>
        producer.add([{ number: 2 }]).then(
          () => true,
          () => false,
        ),
      PATIENCE,
    );
  });

  it('takes out the deliveries of a city that leaves, and no other’s', async () => {
    const [leaving, staying] = [tenantId(newId()), tenantId(newId())];
    const owned = {
      name: 'test.owned',
      payload: z.object({ tenantId: z.uuid(), number: z.int() }),
      deliveryId: ({ tenantId: id, number }: { tenantId: string; number: number }) => `${id}-${number}`,
    };
    const deliveries = [leaving, leaving, staying].map((id, number) => ({ tenantId: id, number }));
    await host.producer(owned).add(deliveries);
    expect(await host.countOf(owned, leaving)).toBe(2);
    expect(await host.removeOf(owned, leaving)).toBe(2);
    expect(await host.countOf(owned, leaving)).toBe(0);
    expect(await host.countOf(owned, staying)).toBe(1);
  });

  it('keeps no connection from looking for a city’s deliveries', async () => {
    const connections = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
    const before = connections();
    for (let look = 0; look < 5; look += 1) await host.countOf(CONTRACT, tenantId(newId()));
    await vi.waitUntil(() => connections() <= before, PATIENCE);
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
    await reach.lose();
    await expect(producer.add([{ number: 11 }])).rejects.toThrow();
    await reach.regain();
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

describe('a queue on a cluster in trouble', () => {
  let cluster: Awaited<ReturnType<typeof openCluster>>;
  let host: QueueHost;
  beforeAll(async () => {
    cluster = await openCluster();
    host = new QueueHost(cluster.config);
  });
  afterAll(async () => {
    await host.onApplicationShutdown();
    await cluster.close();
  });

  it('still has every delivery it took when each node was killed and started again', async () => {
    const producer = host.producer(CONTRACT);
    const numbers = Array.from({ length: 30 }, (_, index) => index);
    await producer.add(numbers.map((number) => ({ number })));
    for (const node of [0, 1, 2]) {
      await cluster.lose(node);
      await cluster.regain();
    }
    const handled = new Set<number>();
    const consumer = await host.consume(
      CONTRACT,
      5,
      async ({ number }) => void handled.add(number),
      () => undefined,
    );
    await vi.waitUntil(() => handled.size === numbers.length, PATIENCE);
    await consumer.close();
  });

  it('asks a server that takes no writes again after a pause, not as fast as it can', async () => {
    const failedAt: number[] = [];
    const consumer = await host.consume(
      CONTRACT,
      1,
      async () => undefined,
      () => void failedAt.push(performance.now()),
    );
    const writable = (replicas: string) =>
      Promise.all(
        cluster.nodes.map(async (address) => {
          const node = new Redis(address);
          await node.config('SET', 'min-replicas-to-write', replicas).finally(() => node.disconnect());
        }),
      );
    await writable('1');
    await vi.waitUntil(() => failedAt.length >= 10, PATIENCE);
    await writable('0');
    // Ten tries without a pause take a few milliseconds.
    expect(failedAt[9]! - failedAt[0]!).toBeGreaterThan(500);
    await consumer.close();
  });
});
