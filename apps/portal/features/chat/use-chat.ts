'use client';

import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type Conversation, type Turn, unwrap } from '#libs/api-client';
import { api } from '../session/api.ts';
import { useAttemptKey } from '../session/use-attempt-key.ts';
import { ME_KEY } from '../session/use-session.ts';
import { follow } from './job-streams.ts';
import type { LiveJob } from './live-job.ts';

export const CONVERSATIONS_KEY = ['conversations'] as const;
const conversationKey = (id: string) => ['conversation', id] as const;

const TITLE_LENGTH = 40;

interface Question {
  prompt: string;
  model: string;
  simulated: boolean;
  purposeCode: string | undefined;
  maxTokens: number | undefined;
}

export const useConversation = (id: string) =>
  useQuery({
    queryKey: conversationKey(id),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/conversations/{id}', { params: { path: { id } }, signal })),
    // A turn made here is in the cache before the record could be read again; see useAsk
    staleTime: 30_000,
  });

/**
 * Asks in a conversation, or begins one. The turn stands in the cache as soon as the job is accepted, so that the page
 * that opens next follows it without another request.
 */
export function useAsk(conversationId: string | undefined) {
  const client = useQueryClient();
  const router = useRouter();
  const attempt = useAttemptKey();
  return useMutation({
    mutationFn: ({ prompt, model, purposeCode, maxTokens }: Question) => {
      const body = {
        kind: 'chat' as const,
        messages: [{ role: 'user' as const, content: prompt }],
        ...{ model, purposeCode, maxTokens, conversationId },
      };
      const header = { 'Idempotency-Key': attempt.keyOf(body) };
      return unwrap(api.POST('/api/v1/jobs', { params: { header }, body }));
    },
    onSuccess: (job, { prompt, model, simulated }) => {
      attempt.spend();
      const id = job.conversationId ?? conversationId;
      if (!id) return;
      const now = new Date().toISOString();
      const turn: Turn = {
        jobId: job.id,
        status: job.status,
        prompt,
        answer: null,
        finishReason: null,
        model,
        simulated,
        acceptedAt: now,
        usage: null,
        error: null,
      };
      client.setQueryData<Conversation>(conversationKey(id), (held) => ({
        ...(held ?? {
          id,
          title: prompt.slice(0, TITLE_LENGTH),
          createdAt: now,
          keptUntil: null,
          handedOverFrom: null,
          turns: [],
        }),
        updatedAt: now,
        turns: [...(held?.turns ?? []), turn],
      }));
      // Before the next page is there: the first words arrive while it opens
      follow(turn, (ended) => recordEnd(client, id, turn.jobId, ended));
      void client.invalidateQueries({ queryKey: CONVERSATIONS_KEY });
      if (id !== conversationId) router.push(`/conversations/${id}`);
    },
  });
}

/** Writes the end of a job into the cached conversation, and lets the history show its new order and title. */
export function recordEnd(client: QueryClient, conversationId: string, jobId: string, job: LiveJob): void {
  const { status, answer, finishReason, model, simulated, usage, error, problem } = job;
  if (problem) {
    // Whether the session has ended is for the session gate to find out
    if (problem.status === 401) void client.invalidateQueries({ queryKey: ME_KEY });
    return;
  }
  const end = { status, answer: answer || null, finishReason, model, simulated, usage, error };
  client.setQueryData<Conversation>(
    conversationKey(conversationId),
    (held) => held && { ...held, turns: held.turns.map((turn) => (turn.jobId === jobId ? { ...turn, ...end } : turn)) },
  );
  void client.invalidateQueries({ queryKey: CONVERSATIONS_KEY });
}

export const useStop = (jobId: string) =>
  useMutation({ mutationFn: () => unwrap(api.POST('/api/v1/jobs/{id}/cancel', { params: { path: { id: jobId } } })) });
