export { type InvocationLog, InvocationLogs } from './invocation-log.ts';
export type { FinishReason, ModelMessage, ModelRequest, TokenUsage } from './model-provider.ts';
export type { MeteredEvent, UsageSource } from './model-call.ts';
export { ModelPool, type ModelRoute } from './model-pool.ts';
export { ModelPoolModule } from './model-pool.module.ts';
export { burnedQuotaTokens } from './quota-tokens.ts';
export { type RoomHolder, SharedPool } from './shared-pool.ts';
export type { ModelTimeouts } from './stream-deadlines.ts';
export { estimateInputTokens, worstCaseInputTokens } from './token-bounds.ts';
