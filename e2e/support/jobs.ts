import { expect } from 'vitest';
import type { Job } from '#libs/api-client';
import type { Client } from './client.ts';
import { collect } from './collect.ts';

export interface JobRequest {
  readonly kind: 'chat';
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[];
  readonly model?: string;
  readonly maxTokens?: number;
  readonly purposeCode?: string;
  readonly conversationId?: string;
}

export type AcceptedJob = Pick<Job, 'id' | 'status' | 'position' | 'estimatedWaitMs' | 'conversationId'>;

export interface JobEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

const ENDS = ['completed', 'failed', 'cancelled'];
export const isEnd = ({ event }: JobEvent): boolean => ENDS.includes(event);

/** The body of a question. */
export const question = (content: string, more: Partial<JobRequest> = {}): JobRequest => ({
  kind: 'chat',
  messages: [{ role: 'user', content }],
  ...more,
});

export async function ask(client: Client, content: string, more: Partial<JobRequest> = {}): Promise<AcceptedJob> {
  const { body } = await client.post('/api/v1/jobs', question(content, more)).expect(202);
  return body as AcceptedJob;
}

export async function readJob(client: Client, id: string): Promise<Job> {
  return (await client.get(`/api/v1/jobs/${id}`).expect(200)).body as Job;
}

/** Reads a job's events as they arrive, until the server ends the stream. */
export async function* eventsOf(client: Client, id: string, lastEventId?: string): AsyncGenerator<JobEvent> {
  const leave = new AbortController();
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  try {
    const response = await client.stream(`/api/v1/jobs/${id}/events`, headers, leave.signal);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    let rest = '';
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      const messages = (rest + piece).split('\n\n');
      rest = messages.pop()!;
      for (const message of messages) if (!message.startsWith(':')) yield parseEvent(message);
    }
  } finally {
    leave.abort();
  }
}

function parseEvent(message: string): JobEvent {
  const fields = new Map(message.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
  return { event: fields.get('event')!, id: fields.get('id'), data: JSON.parse(fields.get('data')!) };
}

/** Everything until the stream ends. */
export async function allEventsOf(client: Client, id: string, lastEventId?: string): Promise<JobEvent[]> {
  return collect(eventsOf(client, id, lastEventId));
}

/** The answer that a reader of these events holds, on top of what was held before. */
export const textOf = (events: readonly JobEvent[], held = ''): string =>
  events
    .filter(({ event }) => event === 'delta')
    .reduce((text, { data }) => text.slice(0, Number(data.offset)) + String(data.text), held);

/** Waits for the end by its event. */
export async function finished(client: Client, id: string): Promise<Job> {
  for await (const event of eventsOf(client, id)) if (isEnd(event)) break;
  return readJob(client, id);
}

export const askAndFinish = async (client: Client, content: string, more: Partial<JobRequest> = {}): Promise<Job> =>
  finished(client, (await ask(client, content, more)).id);
