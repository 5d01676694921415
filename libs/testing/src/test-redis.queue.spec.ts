import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { createTestRedis } from './test-redis.ts';

it('never evicts and keeps an append-only file, as production must', async () => {
  await using server = await createTestRedis();
  const redis = new Redis(server.url);
  expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
  redis.disconnect();
});

it('gives each caller a database of its own', async () => {
  await using one = await createTestRedis();
  await using other = await createTestRedis();
  const [writer, reader] = [new Redis(one.url), new Redis(other.url)];
  await writer.set('mine', '1');
  expect(await reader.get('mine')).toBeNull();
  writer.disconnect();
  reader.disconnect();
});
