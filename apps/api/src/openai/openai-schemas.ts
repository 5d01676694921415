import { z } from 'zod';
import type { ChatRequest } from '#libs/jobs';
import type { MeteredUsage } from '#libs/metering';

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() });
const content = z.union([
  z.string(),
  z
    .array(textPart)
    .min(1)
    .transform((parts) => parts.map(({ text }) => text).join('')),
]);

/** What every client may say of a thing that it does not want. */
const none = z.null().optional();
const nothing = z.array(z.never()).max(0).nullish();

const message = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content,
  name: z.string().optional(),
  // Clients send an answer back as they got it.
  refusal: none,
  audio: none,
  function_call: none,
  tool_calls: nothing,
  annotations: nothing,
});

/** As many as OpenAI takes, and no blank one, which not every model takes. */
const MAX_STOPS = 4;
const MAX_STOP_CHARACTERS = 256;
const stopText = z
  .string()
  .max(MAX_STOP_CHARACTERS)
  .refine((text) => text.trim() !== '', '空白以外の文字を含めてください。');
const stop = z.union([z.array(stopText).max(MAX_STOPS), stopText.transform((text) => [text])]);

const tokens = z.int().min(1).max(1_000_000);

/**
 * The part of OpenAI's chat completions that means something here. Sampling settings are accepted and left to the
 * model's defaults; what would change the answer's shape (tools, several choices, JSON mode) is refused, not ignored. A value
 * that asks for nothing is none of that.
 */
export const chatCompletionBody = z
  .strictObject({
    model: z.string().min(1).max(128),
    messages: z.array(message).min(1).max(500),
    max_tokens: tokens.nullish(),
    max_completion_tokens: tokens.nullish(),
    stream: z.boolean().nullish(),
    stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
    n: z.literal(1).nullish(),
    response_format: z.object({ type: z.literal('text') }).nullish(),
    metadata: z
      .object({ purpose_code: z.string().max(32).optional() })
      .catchall(z.string())
      .nullish()
      .describe('purpose_code names the 事務 the request is for'),
    temperature: z.number().nullish(),
    top_p: z.number().nullish(),
    presence_penalty: z.number().nullish(),
    frequency_penalty: z.number().nullish(),
    seed: z.int().nullish(),
    user: z.string().nullish(),
    store: z.boolean().nullish(),
    stop: stop.nullish().describe('texts before which the answer ends; none of them blank'),
    tools: nothing,
    functions: nothing,
    tool_choice: z.enum(['none', 'auto']).nullish(),
    function_call: z.enum(['none', 'auto']).nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    logprobs: z.literal(false).nullish(),
    top_logprobs: z.literal(0).nullish(),
    logit_bias: z.strictObject({}).nullish(),
    modalities: z.array(z.literal('text')).nullish(),
    audio: none,
    prediction: none,
  })
  .meta({ id: 'ChatCompletionRequest' });

export type ChatCompletionBody = z.output<typeof chatCompletionBody>;

export const toChatRequest = (body: ChatCompletionBody): ChatRequest => ({
  kind: 'chat',
  messages: body.messages.map(({ role, content: text }) => ({
    role: role === 'developer' ? 'system' : role,
    content: text,
  })),
  model: body.model,
  maxTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
  purposeCode: body.metadata?.purpose_code,
  stop: body.stop ?? undefined,
});

const completionUsage = z
  .object({
    prompt_tokens: z.int(),
    completion_tokens: z.int(),
    total_tokens: z.int(),
    prompt_tokens_details: z.object({ cached_tokens: z.int() }),
  })
  .meta({ id: 'CompletionUsage' });

export type CompletionUsage = z.infer<typeof completionUsage>;

/** OpenAI counts cached input inside prompt_tokens; our kinds do not overlap. */
export function toCompletionUsage(usage: MeteredUsage): CompletionUsage {
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.outputTokens,
    total_tokens: prompt + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cacheReadTokens },
  };
}

/** What every piece of one answer says of it. */
export interface Answer {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

export const chatCompletion = z
  .object({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.object({
        index: z.int(),
        message: z.object({ role: z.literal('assistant'), content: z.string(), refusal: z.null() }),
        finish_reason: z.string(),
        logprobs: z.null(),
      }),
    ),
    usage: completionUsage.optional(),
  })
  .meta({ id: 'ChatCompletion' });

export const openAiModelList = z
  .object({
    object: z.literal('list'),
    data: z.array(
      z.object({ id: z.string(), object: z.literal('model'), created: z.int(), owned_by: z.literal('moyai') }),
    ),
  })
  .meta({ id: 'OpenAiModelList' });

const openAiError = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      code: z.string(),
      param: z.string().nullable(),
    }),
  })
  .meta({ id: 'OpenAiError' });

export type OpenAiError = z.infer<typeof openAiError>;
