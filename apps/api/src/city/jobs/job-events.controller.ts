import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import type { CityActor } from '#libs/identity';
import { type JobEvent, JobFollower } from '#libs/jobs';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { EventStream } from '../../http/event-stream.ts';
import { ReaderLifetimes } from '../../http/reader-lifetimes.ts';
import { errorOf, jobId } from './job-schemas.ts';
import { requesterOf } from './requester.ts';

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
    const stream = new EventStream(response);
    const reader = this.lifetimes.open(actor, response, {
      resumable: true,
      // Without a code it just ends: who asks again goes on, or is told why not.
      end: (code) => stream.end(code && `event: refused\ndata: ${JSON.stringify(errorOf(code))}\n\n`),
    });
    try {
      const events = this.follower.follow(requesterOf(actor), id, {
        resumeToken,
        signal: reader.signal,
      });
      for await (const event of events) {
        if (reader.signal.aborted) return;
        // A missing job is a plain 404; only then does a stream begin.
        stream.begin();
        // The follower gives what comes while a slow reader takes this as one delta.
        await stream.send(format(event), reader.signal);
      }
      stream.end();
    } finally {
      reader.close();
    }
  }
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
