import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import type { StreamableFile } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { AuditTrail } from '#libs/audit';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { idUnderKey, newId } from '#libs/kernel';
import { LineWithdrawals, RosterChanges, RosterImports, RosterRepository, faultTable } from '#libs/roster';
import { csvOf } from '#libs/spreadsheet';
import { CurrentActor } from '../../access/current-actor.ts';
import { BringsIn, TakesOut } from '../../access/network-rules.ts';
import { RequirePermission, RequireStepUp } from '../../access/permission.ts';
import { FileBody, fileName } from '../../http/file-body.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../../http/idempotency.ts';
import { CSV, CSV_ANSWER, sendFile } from '../../http/invoice-file.ts';
import { readInput } from '../../http/request-input.ts';
import { idParams, pageFrom, pageQuery, readCursor, readIdCursor } from '../../http/wire.ts';
import {
  changeQuery,
  decision,
  faultList,
  fileParams,
  fileQuery,
  presentImport,
  rosterChangePage,
  rosterImport,
  rosterImportPage,
  rosterLine,
} from './roster-schemas.ts';

type Id = z.infer<typeof idParams>;
type Import = z.infer<typeof rosterImport>;

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** 職員の一括登録・人事異動: files, a dry run, a day, one transaction. */
@ApiTags('roster-imports')
@Controller('api/v1/roster-imports')
export class RosterImportsController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly imports: RosterImports,
    private readonly repository: RosterRepository,
    private readonly changes: RosterChanges,
    private readonly withdrawals: LineWithdrawals,
    private readonly audit: AuditTrail,
  ) {}

  /** An empty import, to put files into. */
  @Post()
  @RequirePermission('member:write')
  @AcceptsIdempotencyKey('Scoped to the person.')
  @ApiCreatedResponse({ standardSchema: rosterImport })
  async create(
    @CurrentActor() actor: MemberActor,
    @Headers('idempotency-key') sentKey: string | undefined,
  ): Promise<Import> {
    const key = await readInput(idempotencyKey, sentKey);
    const id = key === undefined ? newId() : idUnderKey(actor.id, `roster-import/${key}`);
    return presentImport(await this.imports.create(actor.scope, actor, id));
  }

  /** The newest first, planned and ended ones too. */
  @Get()
  @RequirePermission('member:read')
  @ApiOkResponse({ standardSchema: rosterImportPage })
  async list(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: pageQuery }) { cursor, limit }: z.infer<typeof pageQuery>,
  ): Promise<z.infer<typeof rosterImportPage>> {
    const before = readIdCursor(cursor);
    const rows = await this.database.run(actor.scope, (tx) => this.repository.list(tx, before, limit + 1));
    return pageFrom(rows, limit, { after: ({ id }) => id, present: presentImport });
  }

  @Get(':id')
  @RequirePermission('member:read')
  @ApiOkResponse({ standardSchema: rosterImport })
  async read(@CurrentActor() actor: MemberActor, @Param({ schema: idParams }) { id }: Id): Promise<Import> {
    return presentImport(await this.database.run(actor.scope, (tx) => this.repository.get(tx, id)));
  }

  /** Takes in a CSV (UTF-8 or Shift_JIS) or XLSX file, sent as it is, in the place of an earlier one of its kind. */
  @Put(':id/files/:kind')
  @RequirePermission('member:write')
  @BringsIn()
  @ApiConsumes('text/csv', XLSX, 'application/octet-stream')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiHeader({ name: 'X-File-Name', required: false, description: 'Percent-encoded UTF-8.' })
  @ApiOkResponse({ standardSchema: rosterImport })
  async putFile(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: fileParams }) { id, kind }: z.infer<typeof fileParams>,
    @Query({ schema: fileQuery }) { mode }: z.infer<typeof fileQuery>,
    @FileBody() bytes: Uint8Array,
    @Headers('x-file-name') sentName: string | undefined,
  ): Promise<Import> {
    const name = await readInput(fileName, sentName);
    return presentImport(await this.imports.putFile(actor.scope, id, kind, { bytes, name, mode }));
  }

  @Delete(':id/files/:kind')
  @RequirePermission('member:write')
  @ApiOkResponse({ standardSchema: rosterImport })
  async removeFile(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: fileParams }) { id, kind }: z.infer<typeof fileParams>,
  ): Promise<Import> {
    return presentImport(await this.imports.removeFile(actor.scope, id, kind));
  }

  /** The dry run: compares the files with the city as it is now and changes nothing. */
  @Post(':id/check')
  @HttpCode(200)
  @RequirePermission('member:write')
  @ApiOkResponse({ standardSchema: rosterImport })
  async check(@CurrentActor() actor: MemberActor, @Param({ schema: idParams }) { id }: Id): Promise<Import> {
    return presentImport(await this.imports.check(actor.scope, actor, id));
  }

  /** What would change, or has changed, line by line. */
  @Get(':id/changes')
  @RequirePermission('member:read')
  @ApiOkResponse({ standardSchema: rosterChangePage })
  async listChanges(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: Id,
    @Query({ schema: changeQuery }) { cursor, limit, subject, kind }: z.infer<typeof changeQuery>,
  ): Promise<z.infer<typeof rosterChangePage>> {
    const after = Number(/^\d{1,9}$/.exec(readCursor(cursor))?.[0] ?? -1);
    const rows = await this.database.run(actor.scope, async (tx) => {
      await this.repository.get(tx, id);
      return this.changes.list(tx, id, { subject, kind, after, limit: limit + 1 });
    });
    return pageFrom(rows, limit, { after: ({ position }) => String(position), present: ({ change }) => change });
  }

  /** What is wrong with the files, the first thousand places. */
  @Get(':id/faults')
  @RequirePermission('member:read')
  @ApiOkResponse({ standardSchema: faultList })
  async faults(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: Id,
  ): Promise<z.infer<typeof faultList>> {
    return { items: await this.faultsOf(actor, id) };
  }

  /** The same for a spreadsheet. */
  @Get(':id/faults.csv')
  @RequirePermission('member:read')
  @TakesOut('export')
  @ApiOkResponse(CSV_ANSWER)
  async faultsCsv(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: Id,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const faults = await this.faultsOf(actor, id);
    // On record before the file is given.
    await this.database.run(actor.scope, (tx) =>
      this.audit.append(tx, {
        action: 'roster.faults-exported',
        actor: { type: actor.type, id: actor.id },
        segment: actor.scope.segment,
        subject: { type: 'roster-import', id },
        details: { faults: faults.length },
      }),
    );
    const body = Buffer.from(csvOf(faultTable(faults)));
    return sendFile(response, { name: '一括登録の誤り.csv', type: CSV, body });
  }

  /** Hands it to the worker, for now or for 00:00 JST of a day to come. Sent again, it is the same decision. */
  @Post(':id/plan')
  @RequireStepUp()
  @HttpCode(202)
  @RequirePermission('member:write')
  @ApiAcceptedResponse({ standardSchema: rosterImport })
  async plan(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: Id,
    @Body({ schema: decision }) body: z.infer<typeof decision>,
  ): Promise<Import> {
    return presentImport(await this.imports.plan(actor.scope, actor, id, body));
  }

  /** Withdraws what has not begun, or puts aside what has failed. */
  @Post(':id/cancel')
  @HttpCode(200)
  @RequirePermission('member:write')
  @ApiOkResponse({ standardSchema: rosterImport })
  async cancel(@CurrentActor() actor: MemberActor, @Param({ schema: idParams }) { id }: Id): Promise<Import> {
    return presentImport(await this.imports.cancel(actor.scope, actor, id));
  }

  /** Takes one line out of a plan before its day; the others stay. Refused where they would not hold without it. */
  @Post(':id/withdrawals')
  @HttpCode(200)
  @RequirePermission('member:write')
  @ApiOkResponse({ standardSchema: rosterImport })
  async withdrawLine(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: Id,
    @Body({ schema: rosterLine }) line: z.infer<typeof rosterLine>,
  ): Promise<Import> {
    return presentImport(await this.withdrawals.withdraw(actor.scope, actor, id, line));
  }

  private faultsOf(actor: MemberActor, id: string) {
    return this.database.run(actor.scope, async (tx) => {
      await this.repository.get(tx, id);
      return this.repository.faults(tx, id);
    });
  }
}
