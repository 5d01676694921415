import { once } from 'node:events';
import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import type { CityActor } from '#libs/identity';
import { type JobEvent, JobFollower } from '#libs/jobs';
import type { ErrorCode } from '#libs/kernel';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { errorOf, jobId } from './job-schemas.ts';
import { ReaderLifetimes } from './reader-lifetimes.ts';
import { requesterOf } from './requester.ts';

/** Under the idle limits of the proxies in a city hall's way. */
const HEARTBEAT_MS = 15_000;

/** A job's life as server-sent events. */
@ApiTags('jobs')
@Controller('api/v1/jobs')
export class JobEventsController {
  constructor(
    private readonly follower: JobFollower,
    private readonly lifetimes: ReaderLifetimes,
  ) {}

  @Get(':id/events')
  @RequirePermission('job:read')
  @ApiOkResponse({
    description:
      'queued {position, estimatedWaitMs} · started {attempt, model, simulated} · delta {offset, text} · usage · then one of ' +
      'completed {finishReason}, failed {code, title}, cancelled; or refused {code, title}, when the job may go on but ' +
      'nobody of the city may read it now. Resumes after the Last-Event-ID of a delta; an offset ' +
      'below what the reader holds replaces the answer from there.',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  async events(
    @CurrentActor() actor: CityActor,
    @Param({ schema: jobId }) { id }: z.infer<typeof jobId>,
    @Headers('last-event-id') resumeToken: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const reader = this.lifetimes.open(actor, response, {
      resumable: true,
      end: (code) => sendAway(response, code),
    });
    try {
      const events = this.follower.follow(requesterOf(actor), id, {
        resumeToken,
        signal: reader.signal,
      });
      // A missing job is a plain 404; only then does a stream begin.
      const first = await events.next();
      if (first.done || reader.signal.aborted) return;
      begin(response);
      await send(response, first.value, reader.signal);
      for await (const event of events) await send(response, event, reader.signal);
      response.end();
    } finally {
      reader.close();
    }
  }
}

function begin(response: Response): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_MS);
  response.once('close', () => clearInterval(heartbeat));
}

/** Without a code the stream just ends: who asks again goes on, or is told why not. */
function sendAway(response: Response, code?: ErrorCode): void {
  // Ended, an answer that has not begun would look like a whole one with nothing in it.
  if (!response.headersSent) response.destroy();
  else response.end(code && `event: refused\ndata: ${JSON.stringify(errorOf(code))}\n\n`);
}

/** Waits for a slow reader before it goes on: the follower then gives what came meanwhile as one delta. */
async function send(response: Response, event: JobEvent, signal: AbortSignal): Promise<void> {
  if (response.write(format(event))) return;
  await once(response, 'drain', { signal }).catch(() => undefined);
}

function format(event: JobEvent): string {
  if (event.type === 'delta') {
    const { offset, text, resumeToken } = event;
    return `id: ${resumeToken}\nevent: delta\ndata: ${JSON.stringify({ offset, text })}\n\n`;
  }
  return `event: ${event.type}\ndata: ${JSON.stringify(payloadOf(event))}\n\n`;
}

function payloadOf(event: Exclude<JobEvent, { type: 'delta' }>): object {
  if (event.type === 'usage') return event.usage;
  if (event.type === 'failed') return errorOf(event.code)!;
  const { type: _, ...payload } = event;
  return payload;
}
