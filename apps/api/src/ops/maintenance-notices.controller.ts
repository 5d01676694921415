import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { OpsDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { MaintenanceNotices, type MaintenanceRecord, NOTICE_SEVERITIES } from '#libs/notices';
import { CurrentActor } from '../access/current-actor.ts';
import { Public, RequirePermission } from '../access/permission.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../http/idempotency.ts';
import { maintenanceNotice, maintenanceNotices, presentMaintenance } from '../http/maintenance-schemas.ts';
import { readInput } from '../http/request-input.ts';
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

const CITIES_MAX = 2_000;

const maintenanceRecord = maintenanceNotice
  .extend({
    /** Null: all cities. */
    cities: z.array(z.object({ id: z.uuid(), code: z.string(), name: z.string() })).nullable(),
    onSignIn: z.boolean(),
    announcedAt: instantSchema,
    announcedBy: z.string(),
    withdrawnAt: instantSchema.nullable(),
    withdrawnBy: z.string().nullable(),
  })
  .meta({ id: 'MaintenanceRecord' });
const recordPage = pageOf('MaintenanceRecordPage', maintenanceRecord);

const announceMaintenance = z
  .strictObject({
    severity: z.enum(NOTICE_SEVERITIES),
    // also the subject of a mail, where a line break would begin another header
    title: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .regex(/^\P{Cc}*$/u, '改行や制御文字は使えません。'),
    body: z.string().trim().min(1).max(2_000),
    startsAt: instantSchema,
    endsAt: instantSchema,
    /** Null: all cities. */
    cityIds: z
      .array(z.uuid())
      .min(1)
      .max(CITIES_MAX)
      .refine((ids) => new Set(ids).size === ids.length, '同じ団体が重複しています。')
      .nullable(),
    onSignIn: z.boolean(),
  })
  .meta({ id: 'AnnounceMaintenance' });

const present = (record: MaintenanceRecord): z.infer<typeof maintenanceRecord> => ({
  ...presentMaintenance(record),
  cities: record.cities && record.cities.map(({ id, code, name }) => ({ id, code, name })),
  onSignIn: record.onSignIn,
  announcedAt: instant(record.announcedAt),
  announcedBy: record.announcedBy,
  withdrawnAt: instantOrNull(record.withdrawnAt),
  withdrawnBy: record.withdrawnBy,
});

/** Maintenance: announced to all cities or to some, and withdrawn; never edited. */
@ApiTags('notices')
@Controller('api/ops/v1')
export class MaintenanceNoticesController {
  constructor(
    private readonly database: OpsDatabase,
    private readonly notices: MaintenanceNotices,
  ) {}

  /** Newest first. */
  @Get('maintenance-notices')
  @RequirePermission('maintenance:announce')
  @ApiOkResponse({ standardSchema: recordPage })
  async list(
    @Query({ schema: pageQuery }) { cursor, limit }: z.infer<typeof pageQuery>,
  ): Promise<z.infer<typeof recordPage>> {
    const before = readIdCursor(cursor);
    const rows = await this.database.run((tx) => this.notices.list(tx, { before, limit: limit + 1 }));
    return pageFrom(rows, limit, { after: ({ id }) => id, present });
  }

  @Post('maintenance-notices')
  @RequirePermission('maintenance:announce')
  @AcceptsIdempotencyKey('Scoped to the person.')
  @ApiCreatedResponse({ standardSchema: maintenanceRecord })
  async announce(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: announceMaintenance }) body: z.infer<typeof announceMaintenance>,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<z.infer<typeof maintenanceRecord>> {
    const underKey = await readInput(idempotencyKey, key);
    const notice = { ...body, startsAt: new Date(body.startsAt), endsAt: new Date(body.endsAt) };
    return present(await this.database.run((tx) => this.notices.announce(tx, actor, notice, underKey)));
  }

  @Post('maintenance-notices/:id/withdraw')
  @HttpCode(200)
  @RequirePermission('maintenance:announce')
  @ApiOkResponse({ standardSchema: maintenanceRecord })
  async withdraw(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof maintenanceRecord>> {
    return present(await this.database.run((tx) => this.notices.withdraw(tx, actor, id)));
  }

  /** What is shown now, whichever cities it is for. */
  @Get('notices')
  @RequirePermission('session:own')
  @ApiOkResponse({ standardSchema: maintenanceNotices })
  async current(): Promise<z.infer<typeof maintenanceNotices>> {
    return { items: (await this.database.run((tx) => this.notices.current(tx))).map(presentMaintenance) };
  }

  /** What is shown where people sign in. */
  @Get('sign-in-notices')
  @Public()
  @ApiOkResponse({ standardSchema: maintenanceNotices })
  async onSignIn(): Promise<z.infer<typeof maintenanceNotices>> {
    return { items: (await this.database.run((tx) => this.notices.onSignIn(tx))).map(presentMaintenance) };
  }
}
