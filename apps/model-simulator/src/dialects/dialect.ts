import type { Prompt } from '../tokenizer.ts';

/** A call, whichever protocol it came by. */
export interface CallRequest {
  readonly callId: string | null;
  readonly modelId: string;
  readonly prompt: Prompt;
  readonly maxTokens: number | null;
  /** Texts before which the answer ends. */
  readonly stop: readonly string[];
  readonly streamed: boolean;
  /** Whether the client asked to be told the usage of a stream; Bedrock tells it always. */
  readonly usageWanted: boolean;
}

/** An answer ready to be sent. `deltas` joined are its text. */
export interface Answer {
  readonly requestId: string;
  readonly modelId: string;
  readonly deltas: readonly { readonly text: string; readonly tokens: number }[];
  readonly finish: 'stop' | 'stop_sequence' | 'length' | 'content_filter';
  /** Read from no cache and written to none. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  /** Milliseconds from request to answer, as a model would report them. */
  readonly latencyMs: number;
}

/** Bytes that belong together on the wire, and the output tokens they carry. */
export interface Frame {
  readonly bytes: Buffer;
  readonly tokens: number;
}

export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/** A request that the protocol it came in by does not allow. */
export class InvalidRequest extends Error {}

/** What differs between the wire protocols; pace, faults and the ledger are the same for all. */
export interface Dialect {
  readonly protocol: 'bedrock' | 'openai';
  readonly streamType: string;
  readonly requestIdHeader: string;
  /** Whether its usage has a word for tokens that were written to a prompt cache. */
  readonly tellsCacheWrites: boolean;
  /** The frames of a stream, with the usage as often as told. */
  frames(answer: Answer, usageTimes: number): Frame[];
  /** The body of an answer sent in one piece. */
  whole(answer: Answer, withUsage: boolean): object;
  /** The frame that ends a stream as failed: by the model (424) or by the service. */
  errorFrame(status: 424 | 500 | 503): Buffer;
  throttled(): Refusal;
  /** The service does not do its work. */
  failed(status: 500 | 503): Refusal;
  invalid(message: string): Refusal;
}
