import { Controller, Get, Headers, HttpCode, Param, Post, Req, Res, type StreamableFile } from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader, ApiOkResponse, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import { DataExports } from '#libs/exits';
import type { MemberActor } from '#libs/identity';
import { idUnderKey } from '#libs/kernel';
import { CurrentActor } from '../../access/current-actor.ts';
import { TakesOut } from '../../access/network-rules.ts';
import { RequirePermission, RequireStepUp } from '../../access/permission.ts';
import type { ApiRequest } from '../../http/api-request.ts';
import { partOf, sendPart } from '../../http/byte-range.ts';
import { dataExport, exportFile, presentExport, presentFile } from '../../http/exit-schemas.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../../http/idempotency.ts';
import { ZIP_ANSWER } from '../../http/invoice-file.ts';
import { readInput } from '../../http/request-input.ts';
import { idParams } from '../../http/wire.ts';

const exportList = z.object({ items: z.array(dataExport) }).meta({ id: 'DataExportList' });
const fileList = z.object({ items: z.array(exportFile) }).meta({ id: 'DataExportFileList' });

/** All of a city's data in open formats, as far as it can be seen from this network. */
@ApiTags('data-exports')
@Controller('api/v1/data-exports')
export class DataExportsController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly exports: DataExports,
  ) {}

  /** The last fifty, newest first. */
  @Get()
  @RequirePermission('data-export:read')
  @ApiOkResponse({ standardSchema: exportList })
  async list(@CurrentActor() { scope }: MemberActor): Promise<z.infer<typeof exportList>> {
    return { items: (await this.database.run(scope, (tx) => this.exports.list(tx))).map(presentExport) };
  }

  /** Written by a worker; how far it is, the export itself says. Kept for seven days. */
  @Post()
  @HttpCode(202)
  @RequirePermission('data-export:write')
  @RequireStepUp()
  @AcceptsIdempotencyKey('Scoped to the person.')
  @ApiAcceptedResponse({ standardSchema: dataExport })
  async request(
    @CurrentActor() actor: MemberActor,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<z.infer<typeof dataExport>> {
    const underKey = await readInput(idempotencyKey, key);
    const id = underKey === undefined ? undefined : idUnderKey(actor.id, `data_exports ${underKey}`);
    return presentExport(await this.exports.request(actor.scope, actor, id));
  }

  @Get(':id')
  @RequirePermission('data-export:read')
  @ApiOkResponse({ standardSchema: dataExport })
  async get(
    @CurrentActor() { scope }: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof dataExport>> {
    return presentExport(await this.database.run(scope, (tx) => this.exports.get(tx, id)));
  }

  @Get(':id/files')
  @RequirePermission('data-export:read')
  @ApiOkResponse({ standardSchema: fileList })
  async files(
    @CurrentActor() { scope }: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof fileList>> {
    return { items: (await this.exports.files(scope, id)).map(presentFile) };
  }

  /** Recorded as taken out. A download that broke goes on where it broke: `Range`, with the `ETag` as `If-Range`. */
  @Get(':id/archive')
  @TakesOut('export')
  @RequirePermission('data-export:read')
  @ApiHeader({ name: 'range', required: false, description: '`bytes=1000-`' })
  @ApiHeader({ name: 'if-range', required: false, description: 'The ETag of the first answer.' })
  @ApiOkResponse(ZIP_ANSWER)
  @ApiResponse({ status: 206, ...ZIP_ANSWER })
  async archive(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const archive = await this.exports.archive(actor.scope, id);
    const part = partOf(request, response, archive);
    const body = await this.exports.takeOut(actor.scope, actor, archive, part);
    response.attachment(`moyai_${actor.city.code}_${actor.scope.segment}.zip`);
    return sendPart(response, archive, { part, type: 'application/zip', body });
  }
}
