import { Redis } from 'ioredis';
import type { Backend } from '../load/bench-product.ts';
import type { AdmissionStand } from './admission-stand.ts';
import { BullmqLine, byRecentCount, firstInFirstOut } from './bullmq-line.ts';
import { FairLine } from './fair-line.ts';
import { RoundRobinLine } from './round-robin-line.ts';
import type { LineCity, WaitingLine } from './waiting-line.ts';

export const PEERS = ['fifo', 'priorities', 'round-robin'] as const;
export type Peer = (typeof PEERS)[number];

export const PEER_NAMES: Readonly<Record<Peer, string>> = {
  fifo: 'BullMQ 先着順',
  priorities: 'BullMQ priority（市の直近の件数÷重み）',
  'round-robin': '@trigger.dev/redis-worker の deficit round robin',
};

/** Everything of an earlier line is gone from the Redis. */
export async function openPeer(peer: Peer, redisUrl: string, cities: readonly LineCity[]): Promise<WaitingLine> {
  await emptyRedis(redisUrl);
  if (peer === 'fifo') return new BullmqLine(redisUrl, firstInFirstOut);
  if (peer === 'priorities') return new BullmqLine(redisUrl, byRecentCount(cities));
  return new RoundRobinLine(redisUrl);
}

export async function openOurs(
  stand: AdmissionStand,
  redisUrl: string,
  backend: Backend,
  cities: readonly LineCity[],
): Promise<FairLine> {
  await emptyRedis(redisUrl);
  await stand.found(cities);
  return await FairLine.open(stand, backend === 'redis' ? redisUrl : undefined);
}

async function emptyRedis(url: string): Promise<void> {
  const redis = new Redis(url);
  try {
    await redis.flushall();
  } finally {
    redis.disconnect();
  }
}
