import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { DomainError, VENDOR_TENANT_ID } from '#libs/kernel';
import { ALLOTMENT_LEVELS, TOP_UP_STATES } from '#libs/metering';
import { MaintenanceNotices, NoticeReads } from '#libs/notices';
import { ENDING_KINDS } from '#libs/tenancy';
import { CurrentActor } from '../../access/current-actor.ts';
import { Public, RequirePermission } from '../../access/permission.ts';
import { maintenanceNotice, maintenanceNotices, presentMaintenance } from '../../http/maintenance-schemas.ts';
import { daySchema, idParams, instantSchema, monthSchema } from '../../http/wire.ts';
import { CityNotices } from './city-notices.ts';

const isRead = z.boolean();

const cityNotice = z
  .discriminatedUnion('kind', [
    maintenanceNotice.extend({ kind: z.literal('maintenance'), isRead }),
    z.object({ kind: z.literal('urgent'), id: z.uuid(), isRead, reason: z.string(), endsAt: instantSchema }),
    z.object({
      kind: z.literal('budget'),
      id: z.uuid(),
      isRead,
      level: z.enum(['city', ...ALLOTMENT_LEVELS]),
      name: z.string().nullable(),
      month: monthSchema,
      percent: z.int(),
    }),
    z.object({
      kind: z.literal('content-access'),
      id: z.uuid(),
      isRead,
      ticket: z.string(),
      askedBy: z.string(),
      lapsesAt: instantSchema,
    }),
    /** Conversations, batches and templates of somebody who left are this member's now. */
    z.object({
      kind: z.literal('handover'),
      id: z.uuid(),
      isRead,
      from: z.string(),
      conversations: z.int(),
      batches: z.int(),
      templates: z.int(),
    }),
    z.object({
      kind: z.literal('top-up'),
      id: z.uuid(),
      isRead,
      departmentName: z.string(),
      month: monthSchema,
      tokens: z.int(),
      /** `requested`: it waits for this member's decision; else what became of the member's own. */
      state: z.enum(TOP_UP_STATES),
    }),
    z.object({
      kind: z.literal('ending'),
      id: z.uuid(),
      isRead,
      what: z.enum(ENDING_KINDS),
      /** The last day of service. */
      endsOn: daySchema,
      daysLeft: z.int(),
    }),
  ])
  .meta({ id: 'CityNotice' });
export type CityNotice = z.infer<typeof cityNotice>;

const noticeList = z
  .object({
    /** What waits for an answer first, then what goes before, what is to come, and what is nearly used up. */
    items: z.array(cityNotice),
    unread: z.int(),
  })
  .meta({ id: 'CityNoticeList' });

/** Everything this member is to be told now, of whatever kind, in one place (お知らせ). */
@ApiTags('notices')
@Controller('api/v1')
export class NoticesController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly cityNotices: CityNotices,
    private readonly maintenance: MaintenanceNotices,
    private readonly reads: NoticeReads,
  ) {}

  @Get('notices')
  @RequirePermission('session:own')
  @ApiOkResponse({ standardSchema: noticeList })
  async list(@CurrentActor() actor: MemberActor): Promise<z.infer<typeof noticeList>> {
    const items = await this.database.run(actor.scope, (tx) => this.cityNotices.of(tx, actor));
    return { items, unread: items.filter((notice) => !notice.isRead).length };
  }

  /** For this member alone. */
  @Post('notices/:id/read')
  @HttpCode(204)
  @RequirePermission('session:own')
  @ApiNoContentResponse()
  async read(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<void> {
    await this.database.run(actor.scope, async (tx) => {
      const shown = await this.cityNotices.of(tx, actor);
      if (!shown.some((notice) => notice.id === id)) throw new DomainError('REQUEST.NOT_FOUND');
      await this.reads.record(tx, actor.id, id);
    });
  }

  /** What is shown where people sign in. */
  @Get('sign-in-notices')
  @Public()
  @ApiOkResponse({ standardSchema: maintenanceNotices })
  async onSignIn(): Promise<z.infer<typeof maintenanceNotices>> {
    // Nobody is signed in: the scope is one that has no rows of its own.
    const nobody = { tenantId: VENDOR_TENANT_ID, segment: 'lgwan' } as const;
    const items = await this.database.run(nobody, (tx) => this.maintenance.onSignIn(tx));
    return { items: items.map(presentMaintenance) };
  }
}
