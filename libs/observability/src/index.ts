export { type LogFields, Log, createLogger } from './log.ts';
export { ManagementServer } from './management-server.ts';
export { type LabelName, Metrics } from './metrics.ts';
export { NestLog } from './nest-log.ts';
export { ObservabilityModule } from './observability.module.ts';
export { Readiness, type ReadinessCheck } from './readiness.ts';
export { type RequestContext, currentContext, extendContext, runInContext } from './request-context.ts';
