import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { OpsDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { UrgentLane, type UrgentOpeningRecord } from '#libs/jobs';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../http/idempotency.ts';
import { readInput } from '../http/request-input.ts';
import { urgentOpening } from '../http/urgent-opening.ts';
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

const openingRecord = urgentOpening
  .extend({
    isOpen: z.boolean(),
    openedBy: z.string(),
    closedAt: instantSchema.nullable(),
    closedBy: z.string().nullable(),
    cities: z.array(z.object({ id: z.uuid(), code: z.string(), name: z.string() })),
  })
  .meta({ id: 'UrgentOpeningRecord' });

const openingPage = pageOf('UrgentOpeningPage', openingRecord);

const createOpening = z
  .strictObject({
    reason: z.string().trim().min(1).max(200),
    cityIds: z
      .array(z.uuid())
      .min(1)
      .max(CITIES_MAX)
      .refine((ids) => new Set(ids).size === ids.length, '同じ団体が重複しています。'),
    endsAt: instantSchema,
  })
  .meta({ id: 'CreateUrgentOpening' });

const present = (record: UrgentOpeningRecord): z.infer<typeof openingRecord> => ({
  ...record,
  cities: [...record.cities],
  openedAt: instant(record.openedAt),
  endsAt: instant(record.endsAt),
  closedAt: instantOrNull(record.closedAt),
});

/** The urgent lane: opened for some cities in a disaster, announced to all. */
@ApiTags('urgent-openings')
@Controller('api/ops/v1/urgent-openings')
export class UrgentOpeningsController {
  constructor(
    private readonly database: OpsDatabase,
    private readonly lane: UrgentLane,
  ) {}

  /** Newest first. */
  @Get()
  @RequirePermission('pool:read')
  @ApiOkResponse({ standardSchema: openingPage })
  async list(
    @Query({ schema: pageQuery }) { cursor, limit }: z.infer<typeof pageQuery>,
  ): Promise<z.infer<typeof openingPage>> {
    const before = readIdCursor(cursor);
    const rows = await this.database.run((tx) => this.lane.list(tx, { before, limit: limit + 1 }));
    return pageFrom(rows, limit, { after: ({ id }) => id, present });
  }

  /** Ends by itself at `endsAt`, at most 72 hours from now. */
  @Post()
  @RequirePermission('pool:write')
  @AcceptsIdempotencyKey('Scoped to the person.')
  @ApiCreatedResponse({ standardSchema: openingRecord })
  async open(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: createOpening }) { endsAt, ...opening }: z.infer<typeof createOpening>,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<z.infer<typeof openingRecord>> {
    const underKey = await readInput(idempotencyKey, key);
    const wanted = { ...opening, endsAt: new Date(endsAt) };
    return present(await this.database.run((tx) => this.lane.open(tx, actor, wanted, underKey)));
  }

  /** Ends it before its time. */
  @Post(':id/close')
  @HttpCode(200)
  @RequirePermission('pool:write')
  @ApiOkResponse({ standardSchema: openingRecord })
  async close(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof openingRecord>> {
    return present(await this.database.run((tx) => this.lane.close(tx, actor, id)));
  }
}
