import type { ModelDeployment } from '#libs/config';

export interface ModelMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export interface ModelRequest {
  /** Ours: the attempt this call serves. It goes to the provider as metadata, so that its log can be matched with ours. */
  readonly callId: string;
  readonly deployment: ModelDeployment;
  readonly system?: readonly string[] | undefined;
  readonly messages: readonly ModelMessage[];
  /** Tokens the answer may have. Always sent: unset, Bedrock reserves the model's maximum against the shared quota. */
  readonly maxTokens: number;
  /** Texts before which the answer ends; they are no part of it. */
  readonly stop?: readonly string[] | undefined;
}

/** Tokens of one call by kind. The kinds do not overlap: `inputTokens` leaves out what was read from or written to a cache. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

export type FinishReason = 'stop' | 'length' | 'content_filter';

export type ModelEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'finish'; readonly reason: FinishReason }
  | { readonly type: 'usage'; readonly usage: TokenUsage };

/** A family of model services that one wire protocol reaches. */
export interface ModelProvider {
  /**
   * Calls the model and yields its answer as it comes. Usage may come never, once or repeatedly (the last one holds).
   * When `signal` aborts, the connection is closed and the stream ends or throws; either will do.
   * @throws DomainError MODEL.THROTTLED, MODEL.UNAVAILABLE, MODEL.REFUSED (nothing was generated) or MODEL.STREAM_BROKEN.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
}
