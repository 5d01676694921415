import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { LogConfig } from '#libs/config';
import { Log, createLogger } from './log.ts';
import { Metrics } from './metrics.ts';

/** Gives every provider of a process its `Log` and `Metrics`. */
@Global()
@Module({})
export class ObservabilityModule {
  /** @param service name of the process in every line */
  static forRoot(config: LogConfig, service = 'moyai'): DynamicModule {
    return {
      module: ObservabilityModule,
      providers: [
        { provide: Log, useFactory: () => createLogger(service, config) },
        { provide: Metrics, useFactory: () => new Metrics(true) },
      ],
      exports: [Log, Metrics],
    };
  }
}
