import { Body, Controller, Headers, HttpCode, Post, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { CityActor } from '#libs/identity';
import { JobCanceller, JobFollower, JobIntake, type JobEvent, type JobSnapshot, type Requester } from '#libs/jobs';
import { Deadline, DomainError, type ErrorCode } from '#libs/kernel';
import type { MeteredUsage } from '#libs/metering';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { requesterOf } from '../city/jobs/requester.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../http/idempotency.ts';
import { ReaderLifetimes } from '../http/reader-lifetimes.ts';
import { readInput } from '../http/request-input.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { forbidRepeat } from './openai-errors.ts';
import {
  type Answer,
  type ChatCompletionBody,
  chatCompletion,
  chatCompletionBody,
  toChatRequest,
  toCompletionUsage,
} from './openai-schemas.ts';

/** Of the second that a stopping process has for its last words, which are said also where the database does not answer. */
const GIVE_UP_MS = 500;

/**
 * Who waits longer in line gets the beginning of the answer beforehand, and signs of life behind it: proxies on the way cut
 * off what is silent, and clients would send the question again. Until then a failure has a status of its own.
 */
const BEGIN_AFTER_MS = 10_000;

interface Asked {
  readonly body: ChatCompletionBody;
  /** Whether the same request again is told the same. */
  readonly isKeyed: boolean;
  readonly signal: AbortSignal;
}

/** OpenAI's chat completions over the same intake, queue, guard, budget and meter as everything else. */
@ApiTags('openai')
@Controller('api/openai/v1/chat/completions')
export class ChatCompletionsController {
  constructor(
    private readonly intake: JobIntake,
    private readonly follower: JobFollower,
    private readonly canceller: JobCanceller,
    private readonly lifetimes: ReaderLifetimes,
  ) {}

  @Post()
  @HttpCode(200)
  @RequirePermission('job:create')
  @AcceptsIdempotencyKey(
    'Scoped to the key or the member. The same request again, streamed or not, gets the answer of the first one: what was sent ' +
      'under a key goes on when its reader leaves, who can come back to it, and is not sent to a model a second time however ' +
      'it ended.',
  )
  @ApiOkResponse({
    standardSchema: chatCompletion,
    description:
      'With `stream`, chunks as server-sent events: the first one within ten seconds of waiting, comments as signs of life ' +
      'while nothing is said, and failures from then on as an event. In one piece nothing is sent before the end.',
  })
  async create(
    @CurrentActor() actor: CityActor,
    @Body({ schema: chatCompletionBody }) body: ChatCompletionBody,
    @Headers('idempotency-key') sentKey: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const requester = requesterOf(actor);
    const key = await readInput(idempotencyKey, sentKey);
    const isKeyed = key !== undefined;
    const { id, ...accepted } = await this.intake.accept(requester, toChatRequest(body), {
      readAtOnce: true,
      idempotencyKey: key,
    });
    const answer = { id: `chatcmpl-${id}`, created: Math.floor(Date.now() / 1000), model: body.model };
    const chunks = new ChunkWriter(response, answer);
    let sentAway: ErrorCode | undefined;
    const reader = this.lifetimes.open(actor, response, {
      resumable: false,
      end: (code = 'IDENTITY.UNAUTHENTICATED') => (sentAway = code),
    });
    const { signal } = reader;
    const reading = { signal, accepted: accepted.isRepeat ? undefined : accepted };
    // Who may read no longer does not come back, and who asked without a key cannot.
    const isKept = (): boolean => isKeyed && (!sentAway || sentAway === 'SYSTEM.UNAVAILABLE');
    try {
      const ended = body.stream
        ? await this.stream(this.follower.follow(requester, id, reading), chunks, { body, isKeyed, signal })
        : this.whole(await this.follower.end(requester, id, reading), answer, isKeyed, response);
      if (!ended && !isKept()) await this.forsake(requester, id, sentAway);
    } catch (error) {
      if (!isKept()) await this.forsake(requester, id, sentAway).catch(() => undefined);
      throw error;
    } finally {
      // Only now: a stopping process does not outlast its last answer.
      if (sentAway) chunks.refuse(new DomainError(sentAway));
      reader.close();
    }
  }

  /** @returns false when the reader has left before the end */
  private whole(ended: JobSnapshot | null, answer: Answer, isKeyed: boolean, response: Response): boolean {
    if (!ended) return false;
    const { status, text, finishReason, errorCode, usage } = ended;
    if (status !== 'completed') {
      const code = status === 'failed' ? (errorCode ?? 'SYSTEM.UNEXPECTED') : null;
      if (isFinal(code, usage, isKeyed)) forbidRepeat(response);
      throw failureOf(code);
    }
    response.json({
      ...answer,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: text ?? '', refusal: null },
          finish_reason: finishReason ?? 'stop',
          logprobs: null,
        },
      ],
      ...(usage && { usage: toCompletionUsage(usage) }),
    });
    return true;
  }

  private async stream(events: AsyncIterable<JobEvent>, chunks: ChunkWriter, asked: Asked): Promise<boolean> {
    const beginning = setTimeout(() => chunks.begin(), BEGIN_AFTER_MS);
    try {
      return await this.tell(events, chunks, asked);
    } finally {
      clearTimeout(beginning);
    }
  }

  /** @returns false when the reader has left before the end */
  private async tell(
    events: AsyncIterable<JobEvent>,
    chunks: ChunkWriter,
    { body, isKeyed, signal }: Asked,
  ): Promise<boolean> {
    let usage: MeteredUsage | undefined;
    for await (const event of events) {
      if (event.type === 'started') chunks.begin();
      else if (event.type === 'delta') {
        if (!chunks.continues(event.offset)) {
          // The answer began anew after a lost worker, and this protocol has no way to take words back.
          chunks.fail(new DomainError('MODEL.STREAM_BROKEN'));
          return false;
        }
        await chunks.text(event.text, signal);
      } else if (event.type === 'usage') usage = event.usage;
      else if (event.type === 'completed') {
        chunks.finish(event.finishReason, body.stream_options?.include_usage ? usage : undefined);
        return true;
      } else if (event.type === 'failed' || event.type === 'cancelled') {
        const code = event.type === 'failed' ? event.code : null;
        chunks.fail(failureOf(code), isFinal(code, usage, isKeyed));
        return true;
      }
    }
    return false;
  }

  /** Nobody will ever read the rest: there is no way to come back to a completion. */
  private async forsake(requester: Requester, id: string, sentAway: ErrorCode | undefined): Promise<void> {
    if (!sentAway) return this.giveUp(requester, id);
    // A job that cannot be given up now runs to its end, and is billed for all of it.
    const deadline = new Deadline(GIVE_UP_MS);
    await deadline.orGoOn(this.giveUp(requester, id));
    deadline.end();
  }

  private async giveUp(requester: Requester, id: string): Promise<void> {
    try {
      await this.canceller.cancel(requester, id);
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'JOBS.ALREADY_FINISHED')) throw error;
    }
  }
}

/** What is said of a job that ended without an answer; nothing where somebody cancelled it. */
const failureOf = (code: ErrorCode | null): DomainError => new DomainError(code ?? 'MODEL.STREAM_BROKEN');

/** Whether to send it again would change nothing, do against somebody's will, bill the city once more, or cost more workers. */
const isFinal = (code: ErrorCode | null, usage: MeteredUsage | null | undefined, isKeyed: boolean): boolean =>
  isKeyed || code === null || code === 'JOBS.WORKER_LOST' || Boolean(usage);
