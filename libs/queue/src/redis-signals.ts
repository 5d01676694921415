import type { OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Signals } from './signals.ts';

const CHANNEL = 'moyai.signals';

/** Signals over Redis publish/subscribe. */
export class RedisSignals extends Signals implements OnApplicationShutdown {
  private readonly publisher: Redis;
  private readonly subscriber: Redis;

  constructor(url: string) {
    super();
    this.publisher = new Redis(url, { maxRetriesPerRequest: 0, enableOfflineQueue: false });
    this.subscriber = new Redis(url, { maxRetriesPerRequest: null });
    // ioredis reconnects and subscribes again by itself; what is missed meanwhile is only hints.
    this.publisher.on('error', () => undefined);
    this.subscriber.on('error', () => undefined);
    this.subscriber.on('message', (_channel, message) => this.receive(message));
    this.subscriber.subscribe(CHANNEL).catch(() => undefined);
  }

  protected broadcast(message: string): void {
    this.publisher.publish(CHANNEL, message).catch(() => undefined);
  }

  async onApplicationShutdown(): Promise<void> {
    this.publisher.disconnect();
    this.subscriber.disconnect();
  }
}
