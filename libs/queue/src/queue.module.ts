import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { QueueConfig } from '#libs/config';
import { PostgresSignals } from './postgres-signals.ts';
import { QUEUE_CONFIG, QueueHost } from './queue-host.ts';
import { assertRedisKeepsQueues } from './redis-settings.ts';
import { RedisSignals } from './redis-signals.ts';
import { Signals } from './signals.ts';

/** Queues and signals of this process, on the backend its settings name. */
@Global()
@Module({})
export class QueueModule {
  static forRoot(config: QueueConfig): DynamicModule {
    return {
      module: QueueModule,
      providers: [
        { provide: QUEUE_CONFIG, useValue: config },
        QueueHost,
        {
          provide: Signals,
          useFactory: async (): Promise<Signals> => {
            if (config.backend === 'postgres') return new PostgresSignals(config.url);
            await assertRedisKeepsQueues(config);
            return new RedisSignals(config);
          },
        },
      ],
      exports: [QueueHost, Signals],
    };
  }
}
