import { Controller, Get, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import { type MemberActor, loginIdKey } from '#libs/identity';
import { Clock } from '#libs/kernel';
import { QUIET_REASONS, QuietMembers, quietTable } from '#libs/roster';
import { csvOf } from '#libs/spreadsheet';
import { CurrentActor } from '../../access/current-actor.ts';
import { TakesOut } from '../../access/network-rules.ts';
import { RequirePermission } from '../../access/permission.ts';
import { CSV, CSV_ANSWER, sendFile } from '../../http/invoice-file.ts';
import { instantOrNull, instantSchema, pageFrom, pageOf, pageQuery, readCursor } from '../../http/wire.ts';
import { ManagedDepartments } from './managed-departments.ts';

const quietMember = z
  .object({
    loginId: z.string(),
    displayName: z.string(),
    departmentName: z.string().nullable(),
    /** `few`: five uses at most, ever. `absent`: none for sixty days. */
    reason: z.enum(QUIET_REASONS),
    /** Six and more are 6. */
    uses: z.int().min(0),
    lastUsedAt: instantSchema.nullable(),
  })
  .meta({ id: 'QuietMember' });
const quietPage = pageOf('QuietMemberPage', quietMember);
const quietDepartments = z
  .object({
    items: z.array(
      z
        .object({ departmentName: z.string().nullable(), members: z.int(), few: z.int(), absent: z.int() })
        .meta({ id: 'QuietDepartment' }),
    ),
  })
  .meta({ id: 'QuietDepartmentList' });

/** More than any municipality has members. */
const ALL = 100_000;

/** 利用が進んでいない職員, without any content. A manager sees those of the managed departments. */
@ApiTags('usage')
@Controller('api/v1')
export class QuietMembersController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly quiet: QuietMembers,
    private readonly managed: ManagedDepartments,
    private readonly clock: Clock,
  ) {}

  /** In order of login id. */
  @Get('quiet-members')
  @RequirePermission('usage:read')
  @ApiOkResponse({ standardSchema: quietPage })
  async list(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: pageQuery }) { cursor, limit }: z.infer<typeof pageQuery>,
  ): Promise<z.infer<typeof quietPage>> {
    const rows = await this.read(actor, loginIdKey(readCursor(cursor)), limit + 1);
    return pageFrom(rows, limit, {
      after: ({ loginId }) => loginId,
      present: ({ lastUsedAt, loginId, displayName, departmentName, reason, uses }) => ({
        loginId,
        displayName,
        departmentName,
        reason,
        uses,
        lastUsedAt: instantOrNull(lastUsedAt),
      }),
    });
  }

  /** All of them for a spreadsheet. */
  @Get('quiet-members.csv')
  @RequirePermission('usage:read')
  @TakesOut('export')
  @ApiOkResponse(CSV_ANSWER)
  async csv(
    @CurrentActor() actor: MemberActor,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const body = Buffer.from(csvOf(quietTable(await this.read(actor, '', ALL))));
    return sendFile(response, { name: '利用が進んでいない職員.csv', type: CSV, body });
  }

  /** How many each department has. */
  @Get('quiet-departments')
  @RequirePermission('usage:read')
  @ApiOkResponse({ standardSchema: quietDepartments })
  departments(@CurrentActor() actor: MemberActor): Promise<z.infer<typeof quietDepartments>> {
    return this.database.run(actor.scope, async (tx) => ({
      items: await this.quiet.byDepartment(tx, {
        departmentIds: await this.managed.visibleTo(tx, actor),
        now: this.clock.now(),
      }),
    }));
  }

  private read(actor: MemberActor, after: string, limit: number) {
    return this.database.run(actor.scope, async (tx) =>
      this.quiet.list(tx, {
        departmentIds: await this.managed.visibleTo(tx, actor),
        after,
        limit,
        now: this.clock.now(),
      }),
    );
  }
}
