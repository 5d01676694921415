import { Controller, Get, Param, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { AuditTrail } from '#libs/audit';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { Clock, jstDayOf } from '#libs/kernel';
import { rosterTable } from '#libs/roster';
import { csvOf } from '#libs/spreadsheet';
import { CurrentActor } from '../../access/current-actor.ts';
import { TakesOut } from '../../access/network-rules.ts';
import { RequirePermission } from '../../access/permission.ts';
import { CSV, CSV_ANSWER, sendFile } from '../../http/invoice-file.ts';
import { kindParams } from './roster-schemas.ts';

const NAMES = { departments: '所属一覧', members: '職員一覧' } as const;

/** The city's departments and members as files to edit and bring back. */
@ApiTags('roster-imports')
@Controller('api/v1/roster-files')
export class RosterFilesController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** As CSV in the columns an import reads; the disabled and the closed are left out. Recorded as taken out. */
  @Get(':kind')
  @RequirePermission('member:read')
  @TakesOut('export')
  @ApiOkResponse(CSV_ANSWER)
  async read(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: kindParams }) { kind }: z.infer<typeof kindParams>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const day = jstDayOf(this.clock.now());
    const csv = await this.database.run(actor.scope, async (tx) => {
      const text = csvOf(await rosterTable(tx, kind, day));
      await this.audit.append(tx, {
        action: 'roster.exported',
        actor: { type: actor.type, id: actor.id },
        segment: actor.scope.segment,
        details: { kind },
      });
      return text;
    });
    return sendFile(response, { name: `${NAMES[kind]}_${day}.csv`, type: CSV, body: Buffer.from(csv) });
  }
}
