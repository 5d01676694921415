import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { CALENDAR_KINDS, type CalendarEntry, RosterCalendar } from '#libs/roster';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { daySchema, pageFrom, pageOf, pageQuery, readCursor } from '../../http/wire.ts';

const entry = z
  .object({
    /** JST; of `rights-end` the last day they are there. */
    on: daySchema,
    kind: z.enum(CALENDAR_KINDS),
    /** Null for who is not registered yet. */
    memberId: z.uuid().nullable(),
    loginId: z.string(),
    displayName: z.string(),
    fromDepartment: z.string().nullable(),
    toDepartment: z.string().nullable(),
    /** The planned import that does it. */
    importId: z.uuid().nullable(),
  })
  .meta({ id: 'RosterCalendarEntry' });
const calendarPage = pageOf('RosterCalendarPage', entry);
const calendarQuery = pageQuery.extend({ when: z.enum(['upcoming', 'past']) });

/** 異動・利用期限の予定と記録. What is planned is withdrawn where it was planned: at the import, or at the member. */
@ApiTags('roster-imports')
@Controller('api/v1/roster-calendar')
export class RosterCalendarController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly calendar: RosterCalendar,
  ) {}

  /** What comes in the order in which it comes, or what was, the latest first. */
  @Get()
  @RequirePermission('member:read')
  @ApiOkResponse({ standardSchema: calendarPage })
  async list(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: calendarQuery }) { when, cursor, limit }: z.infer<typeof calendarQuery>,
  ): Promise<z.infer<typeof calendarPage>> {
    const page = { after: readCursor(cursor), limit: limit + 1 };
    const rows = await this.database.run(actor.scope, (tx) => this.calendar[when](tx, page));
    return pageFrom(rows, limit, { after: ({ key }) => key, present: presentEntry });
  }
}

const presentEntry = (row: CalendarEntry): z.infer<typeof entry> => ({
  on: row.on,
  kind: row.kind,
  memberId: row.memberId,
  loginId: row.loginId,
  displayName: row.displayName,
  fromDepartment: row.fromDepartment,
  toDepartment: row.toDepartment,
  importId: row.importId,
});
