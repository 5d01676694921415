import { z } from 'zod';
import type { ErrorCode } from '#libs/kernel';
import type { JobView } from '#libs/jobs';
import { ERROR_WORDS } from '../../http/error-words.ts';

/** Characters of one message; the whole body is bounded apart from this. */
const MAX_MESSAGE_CHARACTERS = 1_000_000;

const chatMessage = z
  .strictObject({
    role: z.enum(['system', 'user', 'assistant']),
    content: z.string().min(1).max(MAX_MESSAGE_CHARACTERS),
  })
  .meta({ id: 'ChatMessage' });

export const modelName = z.string().min(1).max(128);

export const createJob = z
  .strictObject({
    kind: z.literal('chat'),
    messages: z
      .array(chatMessage)
      .min(1)
      .max(500)
      .refine((messages) => messages.at(-1)?.role === 'user', '最後のメッセージは利用者（user）のものにしてください。'),
    model: modelName.optional(),
    maxTokens: z.int().min(1).max(1_000_000).optional(),
    purposeCode: z.string().min(1).max(32).optional(),
    conversationId: z.uuid().optional(),
  })
  .meta({ id: 'CreateJob' });

export const jobId = z.strictObject({ id: z.uuid() });

const jobStatus = z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']).meta({ id: 'JobStatus' });

export const usage = z
  .object({
    inputTokens: z.int(),
    outputTokens: z.int(),
    cacheReadTokens: z.int(),
    cacheWriteTokens: z.int(),
    inputCharacters: z.int(),
    outputCharacters: z.int(),
  })
  .meta({ id: 'Usage' });

export const jobError = z.object({ code: z.string(), title: z.string() }).meta({ id: 'JobError' });

export const acceptedJob = z
  .object({
    id: z.uuid(),
    status: jobStatus,
    position: z.int(),
    estimatedWaitMs: z.int().nullable(),
    conversationId: z.uuid().nullable(),
  })
  .meta({ id: 'AcceptedJob' });

export const finishReason = z.enum(['stop', 'length', 'content_filter']).nullable();

export const job = z
  .object({
    id: z.uuid(),
    kind: z.literal('chat'),
    status: jobStatus,
    model: z.string(),
    simulated: z.boolean().nullable(),
    position: z.int(),
    estimatedWaitMs: z.int().nullable(),
    conversationId: z.uuid().nullable(),
    acceptedAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
    output: z.object({ text: z.string() }).nullable(),
    finishReason,
    usage: usage.nullable(),
    error: jobError.nullable(),
  })
  .meta({ id: 'Job' });

export const errorOf = (code: ErrorCode | null): z.infer<typeof jobError> | null =>
  code && { code, title: ERROR_WORDS[code].ja };

export const presentJob = ({ errorCode, ...view }: JobView): z.infer<typeof job> => ({
  ...view,
  acceptedAt: view.acceptedAt.toISOString(),
  startedAt: view.startedAt?.toISOString() ?? null,
  finishedAt: view.finishedAt?.toISOString() ?? null,
  error: errorOf(errorCode),
});
