import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisConfig } from '#libs/config';
import { type TestRedis, createTestRedis } from '#libs/testing';
import { clusterOf, openCluster } from '../test/reach.ts';
import { assertRedisKeepsQueues } from './redis-settings.ts';

const words = (config: RedisConfig): Promise<string> =>
  assertRedisKeepsQueues(config).then(
    () => 'accepted',
    (error: Error) => error.message,
  );

describe('a Redis at start', () => {
  let redis: TestRedis;
  let admin: Redis;
  beforeAll(async () => {
    redis = await createTestRedis();
    admin = new Redis(redis.url);
  });
  afterAll(async () => {
    admin.disconnect();
    await redis.drop();
  });

  it('is accepted when it keeps what it is given', async () => {
    expect(await words({ backend: 'redis', url: redis.url })).toBe('accepted');
  });

  it('is not demanded to be there', async () => {
    expect(await words({ backend: 'redis', url: 'redis://127.0.0.1:1' })).toBe('accepted');
    expect(await words(clusterAt(1))).toBe('accepted');
  });

  it('is refused when its settings cannot be read, in its own words', async () => {
    const url = new URL(redis.url);
    await admin.acl('SETUSER', 'blind', 'on', '>secret-word', '~*', '&*', '+@all', '-info');
    url.username = 'blind';
    url.password = 'secret-word';
    expect(await words({ backend: 'redis', url: url.href })).toMatch(
      /127\.0\.0\.1:\d+: its settings cannot be read: NOPERM/,
    );
    url.password = 'another-word';
    const refused = await words({ backend: 'redis', url: url.href });
    expect(refused).toContain('its settings cannot be read: WRONGPASS');
    expect(refused).not.toContain('another-word');
    await admin.acl('DELUSER', 'blind');
  });

  it('is refused when it is no cluster and was said to be one', async () => {
    expect(await words(clusterAt(Number(new URL(redis.url).port)))).toContain('it is no cluster');
  });
});

describe('a Redis cluster at start', () => {
  let reach: Awaited<ReturnType<typeof openCluster>>;
  beforeAll(async () => {
    reach = await openCluster();
  });
  afterAll(() => reach.close());

  async function withNode(index: number, work: (node: Redis) => Promise<void>): Promise<void> {
    const node = new Redis(reach.nodes[index]!);
    await work(node).finally(() => node.disconnect());
  }

  it('is accepted when every master keeps what it is given', async () => {
    expect(await words(reach.config)).toBe('accepted');
  });

  it('is refused for each master that does not, naming it, the setting and the command', async () => {
    const address = (index: number) => `127.0.0.1:${reach.nodes[index]!.port}`;
    await withNode(1, async (node) => void (await node.config('SET', 'maxmemory-policy', 'allkeys-lru')));
    await withNode(2, async (node) => void (await node.config('SET', 'appendonly', 'no')));
    const refused = await words(reach.config);
    await withNode(1, async (node) => void (await node.config('SET', 'maxmemory-policy', 'noeviction')));
    await withNode(2, async (node) => void (await node.config('SET', 'appendonly', 'yes')));
    expect(refused.split('\n').slice(1).toSorted()).toEqual(
      [
        `  - ${address(1)}: maxmemory-policy is allkeys-lru; run: CONFIG SET maxmemory-policy noeviction`,
        `  - ${address(2)}: the append-only file is off; run: CONFIG SET appendonly yes`,
      ].toSorted(),
    );
  });

  it('is refused when one of its nodes is taken for a server of its own', async () => {
    const { host, port } = reach.nodes[0]!;
    const refused = await words({ backend: 'redis', url: `redis://${host}:${port}` });
    expect(refused).toContain('it is a node of a cluster; set REDIS_CLUSTER=true');
  });
});

const clusterAt = (port: number): RedisConfig => clusterOf([{ host: '127.0.0.1', port }]);
