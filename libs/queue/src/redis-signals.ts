import type { OnApplicationShutdown } from '@nestjs/common';
import type { Cluster, Redis } from 'ioredis';
import type { RedisConfig } from '#libs/config';
import { connectRedis } from './redis-connection.ts';
import { Signals } from './signals.ts';

const CHANNEL = 'moyai.signals';

/** Signals over Redis publish/subscribe. In a cluster each node passes on to the others what it is told. */
export class RedisSignals extends Signals implements OnApplicationShutdown {
  private readonly publisher: Redis | Cluster;
  private readonly subscriber: Redis | Cluster;

  constructor(config: RedisConfig) {
    super();
    this.publisher = connectRedis(config, { maxRetriesPerRequest: 0, enableOfflineQueue: false });
    this.subscriber = connectRedis(config, { maxRetriesPerRequest: null });
    this.subscriber.on('message', (_channel, message) => this.receive(message));
    // What is missed while the server is away is only hints. Said again each time: a cluster client forgets a
    // subscription that it was given before it had found its first node.
    this.subscriber.on('ready', () => void this.subscriber.subscribe(CHANNEL).catch(() => undefined));
  }

  protected broadcast(message: string): void {
    this.publisher.publish(CHANNEL, message).catch(() => undefined);
  }

  async onApplicationShutdown(): Promise<void> {
    this.publisher.disconnect();
    this.subscriber.disconnect();
  }
}
