import { Controller, Get, Param, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import type { CityActor } from '#libs/identity';
import { BatchReader, resultCsv, resultXlsx } from '#libs/jobs';
import { CurrentActor } from '../../access/current-actor.ts';
import { TakesOut } from '../../access/network-rules.ts';
import { RequirePermission } from '../../access/permission.ts';
import { idParams, pageFrom, pageOf, readCursor } from '../../http/wire.ts';
import { RESULT_WORDS, batchRow, presentRow, resultsQuery, rowsQuery } from './batch-schemas.ts';
import { requesterOf } from './requester.ts';

const FILES = {
  csv: { type: 'text/csv; charset=utf-8', write: resultCsv },
  xlsx: { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', write: resultXlsx },
} as const;

const BINARY = { schema: { type: 'string', format: 'binary' } } as const;
const batchRowPage = pageOf('BatchRowPage', batchRow);

/** What became of the rows, also while others still wait. */
@ApiTags('batches')
@Controller('api/v1/batches')
export class BatchResultsController {
  constructor(private readonly reader: BatchReader) {}

  /** In the file's order. Recorded as a reading. */
  @Get(':id/rows')
  @RequirePermission('batch:read')
  @ApiOkResponse({ standardSchema: batchRowPage })
  async rows(
    @CurrentActor() actor: CityActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Query({ schema: rowsQuery }) { cursor, limit, status }: z.infer<typeof rowsQuery>,
  ): Promise<z.infer<typeof batchRowPage>> {
    const after = Number(/^\d{1,9}$/.exec(readCursor(cursor))?.[0] ?? 0);
    const rows = await this.reader.rows(requesterOf(actor), id, { after, limit: limit + 1, status });
    return pageFrom(rows, limit, { after: ({ row }) => String(row), present: presentRow });
  }

  /**
   * The file's columns with answer, status and note behind them. In CSV a cell that a spreadsheet would take for a formula
   * (= + - @ tab CR, also full-width) is led by an apostrophe; in XLSX every cell is text. Recorded as taken out.
   */
  @Get(':id/results')
  @RequirePermission('batch:read')
  @TakesOut('download')
  @ApiOkResponse({ content: { 'text/csv': BINARY, [FILES.xlsx.type]: BINARY } })
  async results(
    @CurrentActor() actor: CityActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Query({ schema: resultsQuery }) { format }: z.infer<typeof resultsQuery>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const results = await this.reader.results(requesterOf(actor), id, format);
    const { type, write } = FILES[format];
    response.attachment(`${results.name.replace(/\.(?:csv|xlsx)$/i, '')}_結果.${format}`);
    return new StreamableFile(write(results, RESULT_WORDS), { type });
  }
}
