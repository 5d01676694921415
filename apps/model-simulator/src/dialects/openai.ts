import { z } from 'zod';
import { type Answer, type CallRequest, type Dialect, type Frame, InvalidRequest } from './dialect.ts';

const part = z.looseObject({ text: z.string().optional() });
const chatBody = z.looseObject({
  model: z.string().min(1),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
        content: z.union([z.string(), z.array(part)]).nullish(),
      }),
    )
    .min(1),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(4)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

/**
 * Reads the body of a chat completion.
 * @throws InvalidRequest naming the faults.
 */
export function readChatCompletion(body: unknown): CallRequest {
  const parsed = chatBody.safeParse(body);
  if (!parsed.success) throw new InvalidRequest(z.prettifyError(parsed.error));
  const chat = parsed.data;
  const texts = chat.messages.map(({ role, content }) => ({
    role,
    text: typeof content === 'string' ? content : (content ?? []).map(({ text }) => text ?? '').join(''),
  }));
  const isSystem = (role: string) => role === 'system' || role === 'developer';
  return {
    callId: chat.metadata?.['moyai_call_id'] ?? null,
    modelId: chat.model,
    prompt: {
      system: texts.filter(({ role }) => isSystem(role)).map(({ text }) => text),
      messages: texts
        .filter(({ role }) => !isSystem(role))
        .map(({ role, text }) => ({ role: role === 'assistant' ? role : 'user', text })),
    },
    maxTokens: chat.max_completion_tokens ?? chat.max_tokens ?? null,
    stop: [chat.stop ?? []].flat(),
    streamed: chat.stream ?? false,
    usageWanted: chat.stream_options?.include_usage ?? false,
  };
}

/** Here the prompt's tokens include those that were read from a cache. */
const usageOf = ({ inputTokens, cacheReadTokens, outputTokens }: Answer) => ({
  prompt_tokens: inputTokens + cacheReadTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + cacheReadTokens + outputTokens,
  prompt_tokens_details: { cached_tokens: cacheReadTokens },
});

/** This protocol does not tell a stop text from the answer's own end. */
const finishOf = ({ finish }: Answer) => (finish === 'stop_sequence' ? 'stop' : finish);

const sse = (data: string): Buffer => Buffer.from(`data: ${data}\n\n`);
const DONE = sse('[DONE]');
const STREAM_ERROR = sse(
  JSON.stringify({
    error: { message: 'The server had an error while streaming.', type: 'server_error', code: null, param: null },
  }),
);

/** The chat-completions protocol over server-sent events. */
export const openai: Dialect = {
  protocol: 'openai',
  streamType: 'text/event-stream; charset=utf-8',
  requestIdHeader: 'x-request-id',
  tellsCacheWrites: false,

  frames(answer, usageTimes) {
    const created = Math.floor(Date.now() / 1000);
    const head = `{"id":"chatcmpl-${answer.requestId}","object":"chat.completion.chunk","created":${created},"model":${JSON.stringify(answer.modelId)},`;
    const chunk = (delta: string, finish: string) =>
      sse(`${head}"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}]}`);
    const frames: Frame[] = [{ bytes: chunk('{"role":"assistant","content":""}', 'null'), tokens: 0 }];
    for (const { text, tokens } of answer.deltas) {
      frames.push({ bytes: chunk(`{"content":${JSON.stringify(text)}}`, 'null'), tokens });
    }
    frames.push({ bytes: chunk('{}', `"${finishOf(answer)}"`), tokens: 0 });
    for (let time = 0; time < usageTimes; time += 1) {
      frames.push({ bytes: sse(`${head}"choices":[],"usage":${JSON.stringify(usageOf(answer))}}`), tokens: 0 });
    }
    frames.push({ bytes: DONE, tokens: 0 });
    return frames;
  },

  whole: (answer, withUsage) => ({
    id: `chatcmpl-${answer.requestId}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: answer.modelId,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: answer.deltas.map(({ text }) => text).join(''), refusal: null },
        logprobs: null,
        finish_reason: finishOf(answer),
      },
    ],
    ...(withUsage && { usage: usageOf(answer) }),
  }),

  errorFrame: () => STREAM_ERROR,
  failed: (status) => ({
    status,
    headers: {},
    body: {
      error: { message: 'The server is not able to answer now.', type: 'server_error', param: null, code: null },
    },
  }),
  throttled: () => ({
    status: 429,
    headers: { 'retry-after': '1' },
    body: {
      error: {
        message: 'Rate limit reached for requests.',
        type: 'requests',
        param: null,
        code: 'rate_limit_exceeded',
      },
    },
  }),
  invalid: (message) => ({
    status: 400,
    headers: {},
    body: { error: { message, type: 'invalid_request_error', param: null, code: null } },
  }),
};
