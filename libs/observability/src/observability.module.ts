import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { LogConfig, ManagementConfig } from '#libs/config';
import { Log, createLogger } from './log.ts';
import { MANAGEMENT_CONFIG, ManagementServer } from './management-server.ts';
import { Metrics } from './metrics.ts';
import { Readiness } from './readiness.ts';

/** Gives every provider of a process its `Log`, `Metrics` and `Readiness`, and the operator a port to ask them at. */
@Global()
@Module({})
export class ObservabilityModule {
  /** @param service name of the process in every line */
  static forRoot(config: LogConfig, service = 'moyai', management?: ManagementConfig): DynamicModule {
    return {
      module: ObservabilityModule,
      providers: [
        { provide: Log, useFactory: () => createLogger(service, config) },
        { provide: Metrics, useFactory: () => new Metrics(true) },
        Readiness,
        { provide: MANAGEMENT_CONFIG, useValue: management ?? {} },
        ManagementServer,
      ],
      exports: [Log, Metrics, Readiness],
    };
  }
}
