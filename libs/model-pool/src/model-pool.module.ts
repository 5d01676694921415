import { type DynamicModule, Module } from '@nestjs/common';
import type { ModelDeployment } from '#libs/config';
import { InvocationLogs } from './invocation-log.ts';
import { ModelPool } from './model-pool.ts';
import { SharedPool } from './shared-pool.ts';
import type { ModelTimeouts } from './stream-deadlines.ts';

/** Makes {@link ModelPool} its shared state and its providers' logs injectable, from configuration that the app has read. */
@Module({})
export class ModelPoolModule {
  static register(deployments: readonly ModelDeployment[], timeouts: ModelTimeouts): DynamicModule {
    return {
      module: ModelPoolModule,
      providers: [
        { provide: ModelPool, useFactory: () => new ModelPool(deployments, timeouts) },
        { provide: InvocationLogs, useFactory: () => new InvocationLogs(deployments) },
        SharedPool,
      ],
      exports: [ModelPool, InvocationLogs, SharedPool],
      global: true,
    };
  }
}
