import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import { z } from 'zod';
import { type Answer, type CallRequest, type Dialect, type Frame, InvalidRequest, type Refusal } from './dialect.ts';

const block = z.looseObject({ text: z.string().optional() });
const converseBody = z.looseObject({
  system: z.array(block).default([]),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant']), content: z.array(block).min(1) })).min(1),
  inferenceConfig: z
    .looseObject({
      maxTokens: z.int().min(1).optional(),
      stopSequences: z.array(z.string().regex(/\S/)).max(2_500).default([]),
    })
    .prefault({}),
  requestMetadata: z.record(z.string(), z.string()).default({}),
});

/**
 * Reads the body of Converse and ConverseStream, with the rules of the real service that callers trip over.
 * @throws InvalidRequest in the service's words.
 */
export function readConverse(modelId: string, body: unknown, streamed: boolean): CallRequest {
  const parsed = converseBody.safeParse(body);
  if (!parsed.success) throw new InvalidRequest(z.prettifyError(parsed.error));
  const { system, messages, inferenceConfig, requestMetadata } = parsed.data;
  if (messages[0]?.role !== 'user') {
    throw new InvalidRequest(
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    );
  }
  if (messages.some(({ role }, index) => role === messages[index - 1]?.role)) {
    throw new InvalidRequest('A conversation must alternate between user and assistant roles.');
  }
  if ([...system, ...messages.flatMap(({ content }) => content)].some(({ text }) => text?.trim() === '')) {
    throw new InvalidRequest('The text field in the ContentBlock object is blank. Add text to the text field.');
  }
  const textOf = (blocks: z.infer<typeof block>[]) => blocks.map(({ text }) => text ?? '').join('');
  return {
    callId: requestMetadata['moyai_call_id'] ?? null,
    modelId,
    prompt: {
      system: system.flatMap(({ text }) => text ?? []),
      messages: messages.map(({ role, content }) => ({ role, text: textOf(content) })),
    },
    maxTokens: inferenceConfig.maxTokens ?? null,
    stop: inferenceConfig.stopSequences,
    streamed,
    usageWanted: true,
  };
}

const codec = new EventStreamCodec(toUtf8, fromUtf8);

function encode(kind: 'event' | 'exception', name: string, body: object): Buffer {
  const text = (value: string) => ({ type: 'string' as const, value });
  const frame = codec.encode({
    headers: {
      [kind === 'event' ? ':event-type' : ':exception-type']: text(name),
      ':content-type': text('application/json'),
      ':message-type': text(kind),
    },
    body: Buffer.from(JSON.stringify(body)),
  });
  return Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
}

const MESSAGE_START = encode('event', 'messageStart', { role: 'assistant' });
const BLOCK_STOP = encode('event', 'contentBlockStop', { contentBlockIndex: 0 });
const STOP_REASONS = {
  stop: 'end_turn',
  stop_sequence: 'stop_sequence',
  length: 'max_tokens',
  content_filter: 'content_filtered',
};
const MESSAGE_STOP = {
  stop: encode('event', 'messageStop', { stopReason: STOP_REASONS.stop }),
  stop_sequence: encode('event', 'messageStop', { stopReason: STOP_REASONS.stop_sequence }),
  length: encode('event', 'messageStop', { stopReason: STOP_REASONS.length }),
  content_filter: encode('event', 'messageStop', { stopReason: STOP_REASONS.content_filter }),
};
const FAILURES = {
  500: [
    'InternalServerException',
    'The system encountered an unexpected error during processing. Try your request again.',
  ],
  503: ['ServiceUnavailableException', 'Bedrock is unable to process your request.'],
} as const;
const STREAM_ERRORS = {
  424: encode('exception', 'modelStreamErrorException', {
    message: 'The model produced an error while streaming.',
    originalStatusCode: 500,
  }),
  500: encode('exception', 'internalServerException', { message: FAILURES[500][1] }),
  503: encode('exception', 'serviceUnavailableException', { message: FAILURES[503][1] }),
};

/** Deltas are short and repeat, so most frames need no second encoding and checksum. */
const deltaFrames = new Map<string, Buffer>();
const KEPT_DELTA_FRAMES = 20_000;

function deltaFrame(text: string): Buffer {
  let frame = deltaFrames.get(text);
  if (!frame) {
    if (deltaFrames.size >= KEPT_DELTA_FRAMES) deltaFrames.clear();
    frame = encode('event', 'contentBlockDelta', { contentBlockIndex: 0, delta: { text } });
    deltaFrames.set(text, frame);
  }
  return frame;
}

const usageOf = ({ inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens }: Answer) => ({
  inputTokens,
  outputTokens,
  totalTokens: inputTokens + cacheReadTokens + cacheWriteTokens + outputTokens,
  cacheReadInputTokens: cacheReadTokens,
  cacheWriteInputTokens: cacheWriteTokens,
});

const refusal = (status: number, errorType: string, message: string): Refusal => ({
  status,
  headers: { 'x-amzn-ErrorType': errorType },
  body: { message },
});

/** The Bedrock runtime's restJson1 protocol with its binary event stream. */
export const bedrock: Dialect = {
  protocol: 'bedrock',
  streamType: 'application/vnd.amazon.eventstream',
  requestIdHeader: 'x-amzn-RequestId',
  tellsCacheWrites: true,

  frames(answer, usageTimes) {
    const frames: Frame[] = [{ bytes: MESSAGE_START, tokens: 0 }];
    for (const { text, tokens } of answer.deltas) frames.push({ bytes: deltaFrame(text), tokens });
    frames.push({ bytes: BLOCK_STOP, tokens: 0 }, { bytes: MESSAGE_STOP[answer.finish], tokens: 0 });
    const metadata = { usage: usageOf(answer), metrics: { latencyMs: answer.latencyMs } };
    for (let time = 0; time < usageTimes; time += 1) {
      frames.push({ bytes: encode('event', 'metadata', metadata), tokens: 0 });
    }
    return frames;
  },

  whole: (answer, withUsage) => ({
    output: { message: { role: 'assistant', content: [{ text: answer.deltas.map(({ text }) => text).join('') }] } },
    stopReason: STOP_REASONS[answer.finish],
    ...(withUsage && { usage: usageOf(answer) }),
    metrics: { latencyMs: answer.latencyMs },
  }),

  errorFrame: (status) => STREAM_ERRORS[status],
  failed: (status) => refusal(status, FAILURES[status][0], FAILURES[status][1]),
  throttled: () => refusal(429, 'ThrottlingException', 'Too many requests, please wait before trying again.'),
  invalid: (message) => refusal(400, 'ValidationException', message),
};
