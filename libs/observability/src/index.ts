export { Log, createLogger } from './log.ts';
export { ManagementServer } from './management-server.ts';
export { Metrics } from './metrics.ts';
export { NestLog } from './nest-log.ts';
export { ObservabilityModule } from './observability.module.ts';
export { Readiness } from './readiness.ts';
export { startProcess } from './start-process.ts';
export { extendContext, runInContext } from './request-context.ts';
