import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import type { CityActor } from '#libs/identity';
import { BatchCanceller, BatchDrafts, BatchReader, BatchStarter } from '#libs/jobs';
import { isId } from '#libs/kernel';
import { CurrentActor } from '../../access/current-actor.ts';
import { BringsIn } from '../../access/network-rules.ts';
import { RequirePermission } from '../../access/permission.ts';
import { FileBody, fileName } from '../../http/file-body.ts';
import { readInput } from '../../http/request-input.ts';
import { idParams, pageFrom, pageOf, pageQuery, readCursor } from '../../http/wire.ts';
import {
  batch,
  batchDetail,
  batchForecast,
  batchPlan,
  batchRetry,
  presentBatch,
  presentDetail,
  presentForecast,
} from './batch-schemas.ts';
import { PublishedCost } from './published-cost.ts';
import { requesterOf } from './requester.ts';

type Detail = z.infer<typeof batchDetail>;
type Id = z.infer<typeof idParams>;

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const batchPage = pageOf('BatchPage', batch);

/** One prompt template over the rows of a file. */
@ApiTags('batches')
@Controller('api/v1/batches')
export class BatchesController {
  constructor(
    private readonly drafts: BatchDrafts,
    private readonly starter: BatchStarter,
    private readonly canceller: BatchCanceller,
    private readonly reader: BatchReader,
    private readonly cost: PublishedCost,
  ) {}

  /**
   * Checks a CSV (UTF-8 or Shift_JIS) or XLSX file, sent as it is, and keeps its rows as a draft. Nothing of a file that is
   * refused is kept; faults name row and column.
   */
  @Post()
  @RequirePermission('batch:write')
  @BringsIn()
  @ApiConsumes('text/csv', XLSX, 'application/octet-stream')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiHeader({ name: 'X-File-Name', required: false, description: 'Percent-encoded UTF-8; names the batch.' })
  @ApiCreatedResponse({ standardSchema: batchDetail })
  async create(
    @CurrentActor() actor: CityActor,
    @FileBody() file: Uint8Array,
    @Headers('x-file-name') name: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Detail> {
    const requester = requesterOf(actor);
    const id = await this.drafts.create(requester, file, await readInput(fileName, name));
    response.location(`/api/v1/batches/${id}`);
    return presentDetail(await this.reader.view(requester, id));
  }

  /** The newest first. */
  @Get()
  @RequirePermission('batch:read')
  @ApiOkResponse({ standardSchema: batchPage })
  async list(
    @CurrentActor() actor: CityActor,
    @Query({ schema: pageQuery }) { cursor, limit }: z.infer<typeof pageQuery>,
  ): Promise<z.infer<typeof batchPage>> {
    const before = readCursor(cursor);
    const page = { before: isId(before) ? before : '', limit: limit + 1 };
    const items = await this.reader.list(requesterOf(actor), page);
    return pageFrom(items, limit, { after: ({ id }) => id, present: presentBatch });
  }

  /** How far it is: one count for each status. */
  @Get(':id')
  @RequirePermission('batch:read')
  @ApiOkResponse({ standardSchema: batchDetail })
  async read(@CurrentActor() actor: CityActor, @Param({ schema: idParams }) { id }: Id): Promise<Detail> {
    return presentDetail(await this.reader.view(requesterOf(actor), id));
  }

  /** A dry run: what a start with this plan would send and cost at most, and what it would be refused for. */
  @Post(':id/forecast')
  @HttpCode(200)
  @RequirePermission('batch:write')
  @ApiOkResponse({ standardSchema: batchForecast })
  async forecast(
    @CurrentActor() actor: CityActor,
    @Param({ schema: idParams }) { id }: Id,
    @Body({ schema: batchPlan }) plan: z.infer<typeof batchPlan>,
  ): Promise<z.infer<typeof batchForecast>> {
    const forecast = await this.starter.forecast(requesterOf(actor), id, plan);
    const { model, estimatedInputTokens: inputTokens, estimatedOutputTokens: outputTokens } = forecast;
    return presentForecast(forecast, await this.cost.inYen(actor.scope, model, { inputTokens, outputTokens }));
  }

  /** Accepts all rows or none. The same start sent again is the same start: the batch is its own idempotency key. */
  @Post(':id/start')
  @HttpCode(202)
  @RequirePermission('batch:write')
  @ApiAcceptedResponse({ standardSchema: batchDetail })
  async start(
    @CurrentActor() actor: CityActor,
    @Param({ schema: idParams }) { id }: Id,
    @Body({ schema: batchPlan }) plan: z.infer<typeof batchPlan>,
  ): Promise<Detail> {
    const requester = requesterOf(actor);
    await this.starter.start(requester, id, plan);
    return presentDetail(await this.reader.view(requester, id));
  }

  /** Ends the rows that wait; those that run end as soon as their workers have metered them. */
  @Post(':id/cancel')
  @HttpCode(202)
  @RequirePermission('batch:write')
  @ApiAcceptedResponse({ standardSchema: batchDetail })
  async cancel(@CurrentActor() actor: CityActor, @Param({ schema: idParams }) { id }: Id): Promise<Detail> {
    const requester = requesterOf(actor);
    await this.canceller.cancel(requester, id);
    return presentDetail(await this.reader.view(requester, id));
  }

  /** New jobs for the rows that have failed or that the system has cancelled. Name the round you have seen (`round`): sent twice, it is done once. */
  @Post(':id/retry')
  @HttpCode(202)
  @RequirePermission('batch:write')
  @ApiAcceptedResponse({ standardSchema: batchDetail })
  async retry(
    @CurrentActor() actor: CityActor,
    @Param({ schema: idParams }) { id }: Id,
    @Body({ schema: batchRetry }) { round }: z.infer<typeof batchRetry>,
  ): Promise<Detail> {
    const requester = requesterOf(actor);
    await this.starter.retry(requester, id, round);
    return presentDetail(await this.reader.view(requester, id));
  }

  /** Erases a draft, or a finished batch with all its words. */
  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('batch:write')
  @ApiNoContentResponse()
  async delete(@CurrentActor() actor: CityActor, @Param({ schema: idParams }) { id }: Id): Promise<void> {
    await this.drafts.delete(requesterOf(actor), id);
  }
}
