import type { Response } from 'express';
import type { DomainError } from '#libs/kernel';
import type { MeteredUsage } from '#libs/metering';
import { EventStream } from '../http/event-stream.ts';
import { answerError, forbidRepeat, openAiErrorOf } from './openai-errors.ts';
import { type Answer, toCompletionUsage } from './openai-schemas.ts';

/** Writes one streamed completion in OpenAI's chunks. A failure before the first chunk is a plain error answer. */
export class ChunkWriter {
  private readonly stream: EventStream;
  private written = 0;

  constructor(
    private readonly response: Response,
    private readonly answer: Answer,
  ) {
    this.stream = new EventStream(response);
  }

  begin(): void {
    if (this.stream.hasBegun) return;
    this.stream.begin();
    this.write(this.chunk({ role: 'assistant', content: '' }, null));
  }

  /** Whether text at this offset goes on where the last one ended. */
  continues(offset: number): boolean {
    return offset === this.written;
  }

  /** Waits for a slow reader before it goes on, unless there is none any more. */
  async text(content: string, signal: AbortSignal): Promise<void> {
    this.begin();
    this.written += content.length;
    await this.stream.send(wordsOf(this.chunk({ content }, null)), signal);
  }

  finish(reason: string, usage: MeteredUsage | undefined): void {
    this.begin();
    this.write(this.chunk({}, reason));
    if (usage) this.write({ ...this.head(), choices: [], usage: toCompletionUsage(usage) });
    this.stream.end('data: [DONE]\n\n');
  }

  /** @throws DomainError when nothing was written yet, so that the error has its own status */
  fail(error: DomainError, isFinal = false): void {
    if (this.stream.hasBegun) return this.stream.end(wordsOf(openAiErrorOf(error)));
    if (isFinal) forbidRepeat(this.response);
    throw error;
  }

  /** The last word to a reader who is sent away. A stream of theirs that just ends would pass for a whole answer. */
  refuse(error: DomainError): void {
    if (this.stream.hasEnded) return;
    if (this.stream.hasBegun) this.fail(error);
    else answerError(this.response, error);
  }

  private head() {
    return { ...this.answer, object: 'chat.completion.chunk' };
  }

  private chunk(delta: object, finishReason: string | null): object {
    return { ...this.head(), choices: [{ index: 0, delta, finish_reason: finishReason, logprobs: null }] };
  }

  private write(data: object): void {
    this.stream.write(wordsOf(data));
  }
}

const wordsOf = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
