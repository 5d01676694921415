import { once } from 'node:events';
import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import type { VendorActor } from '#libs/identity';
import { ContentAccessWatch, ContentReader, type JobInReach, type JobWords } from '#libs/jobs';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { EventStream } from '../http/event-stream.ts';
import {
  idParams,
  instant,
  instantOrNull,
  instantSchema,
  pageFrom,
  pageOf,
  pageQuery,
  readIdCursor,
} from '../http/wire.ts';

const TRANSCRIPT_PAGE = 50;

const jobInReach = z
  .object({
    id: z.uuid(),
    conversationId: z.uuid().nullable(),
    status: z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']),
    model: z.string(),
    errorCode: z.string().nullable(),
    inputBytes: z.int(),
    outputBytes: z.int(),
    acceptedAt: instantSchema,
    finishedAt: instantSchema.nullable(),
  })
  .meta({ id: 'JobInReach' });
const jobPage = pageOf('JobInReachPage', jobInReach);
const jobWords = jobInReach
  .extend({
    /** Null after the city erased them, and so the answer. 個人番号 are masked. */
    messages: z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })).nullable(),
    answer: z.string().nullable(),
    finishReason: z.enum(['stop', 'length', 'content_filter']).nullable(),
  })
  .meta({ id: 'JobWords' });
const conversationWords = z.object({ items: z.array(jobWords) }).meta({ id: 'ConversationWords' });
const jobParams = idParams.extend({ jobId: z.uuid() });
const conversationParams = idParams.extend({ conversationId: z.uuid() });

/**
 * Reading what a city wrote, under an access that lives: by the one who asked for it, each time in the city's audit trail.
 * There is no route here that writes.
 */
@ApiTags('content-accesses')
@Controller('api/ops/v1/content-accesses')
export class ContentReadingController {
  constructor(
    private readonly reader: ContentReader,
    private readonly watch: ContentAccessWatch,
  ) {}

  /** Newest first, without their words. */
  @Get(':id/jobs')
  @RequirePermission('content-access:ask')
  @ApiOkResponse({ standardSchema: jobPage })
  async jobs(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Query({ schema: pageQuery }) { cursor, limit }: z.infer<typeof pageQuery>,
  ): Promise<z.infer<typeof jobPage>> {
    const rows = await this.reader.jobs(actor.id, id, { before: readIdCursor(cursor), limit: limit + 1 });
    return pageFrom(rows, limit, { after: (job) => job.id, present: presentJob });
  }

  @Get(':id/jobs/:jobId')
  @RequirePermission('content-access:ask')
  @ApiOkResponse({ standardSchema: jobWords })
  async job(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: jobParams }) { id, jobId }: z.infer<typeof jobParams>,
  ): Promise<z.infer<typeof jobWords>> {
    const [job] = await this.reader.read(actor.id, id, { jobId });
    return presentWords(job!);
  }

  /** All of it, in the order it was asked. */
  @Get(':id/conversations/:conversationId')
  @RequirePermission('content-access:ask')
  @ApiOkResponse({ standardSchema: conversationWords })
  async conversation(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: conversationParams }) { id, conversationId }: z.infer<typeof conversationParams>,
  ): Promise<z.infer<typeof conversationWords>> {
    return { items: (await this.reader.read(actor.id, id, { conversationId })).map(presentWords) };
  }

  /** Everything in reach, newest first: each line is read and recorded by itself. Cut off when the access ends. */
  @Get(':id/transcript')
  @RequirePermission('content-access:ask')
  @ApiOkResponse({
    description: 'One JobWords a line. An answer that is cut off is not complete: the access has ended.',
    content: { 'application/x-ndjson': { schema: { type: 'string' } } },
  })
  async transcript(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Res() response: Response,
  ): Promise<void> {
    // Before a word is sent: who may not read gets a plain refusal
    let page = await this.reader.jobs(actor.id, id, { before: null, limit: TRANSCRIPT_PAGE });
    const { signal, stop } = this.watch.begin(id, actor.sessionId);
    signal.addEventListener('abort', () => response.destroy(), { once: true });
    response.once('close', stop);
    response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' });
    while (page.length > 0) {
      for (const { id: jobId } of page) {
        if (signal.aborted) return;
        const [words] = await this.reader.read(actor.id, id, { jobId });
        const line = `${JSON.stringify(presentWords(words!))}\n`;
        if (!response.write(line)) await once(response, 'drain', { signal }).catch(() => undefined);
      }
      page = await this.reader.jobs(actor.id, id, { before: page.at(-1)!.id, limit: TRANSCRIPT_PAGE });
    }
    response.end();
  }

  /** Tells when the access is over, so that what is on a screen goes with it. */
  @Get(':id/events')
  @RequirePermission('content-access:ask')
  @ApiOkResponse({
    description: 'open once, then ended when nothing may be read any more.',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  async events(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Res() response: Response,
  ): Promise<void> {
    await this.reader.demandOpen(actor.id, id);
    const { signal, stop } = this.watch.begin(id, actor.sessionId);
    const stream = new EventStream(response);
    stream.begin();
    stream.write('event: open\ndata: {}\n\n');
    signal.addEventListener('abort', () => stream.end('event: ended\ndata: {}\n\n'), { once: true });
    response.once('close', stop);
  }
}

const presentJob = (job: JobInReach): z.infer<typeof jobInReach> => ({
  id: job.id,
  conversationId: job.conversationId,
  status: job.status,
  model: job.model,
  errorCode: job.errorCode,
  inputBytes: job.inputBytes,
  outputBytes: job.outputBytes,
  acceptedAt: instant(job.acceptedAt),
  finishedAt: instantOrNull(job.finishedAt),
});

const presentWords = (job: JobWords): z.infer<typeof jobWords> => ({
  ...presentJob(job),
  messages: job.messages?.map(({ role, content }) => ({ role, content })) ?? null,
  answer: job.answer,
  finishReason: job.finishReason,
});
