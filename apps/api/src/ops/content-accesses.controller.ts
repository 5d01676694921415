import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { OpsDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { CONTENT_ACCESS_MINUTES, type ContentAccess, ContentAccessRequests } from '#libs/jobs';
import { Clock } from '#libs/kernel';
import { Signals } from '#libs/queue';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { contentAccess, presentContentAccess } from '../http/content-access-schemas.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../http/idempotency.ts';
import { readInput } from '../http/request-input.ts';
import { idParams, pageFrom, pageOf, pageQuery, readIdCursor, segmentSchema } from '../http/wire.ts';

const vendorAccess = contentAccess
  .extend({
    city: z.object({ id: z.uuid(), code: z.string(), name: z.string() }),
    /** Only the one who asked may read under it. */
    isOwn: z.boolean(),
  })
  .meta({ id: 'VendorContentAccess' });
const accessPage = pageOf('VendorContentAccessPage', vendorAccess);
const listQuery = pageQuery.extend({ cityId: z.uuid().optional() });

const askAccess = z
  .strictObject({
    cityId: z.uuid(),
    segment: segmentSchema,
    conversationId: z.uuid().nullable().default(null),
    jobId: z.uuid().nullable().default(null),
    reason: z.string().trim().min(1).max(500),
    ticket: z.string().trim().min(1).max(64),
    minutes: z.int().min(CONTENT_ACCESS_MINUTES.least).max(CONTENT_ACCESS_MINUTES.most),
  })
  .refine(({ conversationId, jobId }) => conversationId === null || jobId === null, {
    path: ['jobId'],
    message: '会話と処理は、どちらか一方だけ指定してください。',
  })
  .meta({ id: 'AskContentAccess' });

/** Asking a city to let oneself read what it wrote, in an incident (内容閲覧). */
@ApiTags('content-accesses')
@Controller('api/ops/v1/content-accesses')
export class ContentAccessesController {
  constructor(
    private readonly database: OpsDatabase,
    private readonly requests: ContentAccessRequests,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  /** Newest first, of everybody. */
  @Get()
  @RequirePermission('content-access:ask')
  @ApiOkResponse({ standardSchema: accessPage })
  async list(
    @CurrentActor() actor: VendorActor,
    @Query({ schema: listQuery }) { cursor, limit, cityId }: z.infer<typeof listQuery>,
  ): Promise<z.infer<typeof accessPage>> {
    const page = { before: readIdCursor(cursor), limit: limit + 1, cityId };
    const rows = await this.database.run((tx) => this.requests.list(tx, page));
    return pageFrom(rows, limit, { after: ({ id }) => id, present: (row) => this.present(actor, row) });
  }

  @Get(':id')
  @RequirePermission('content-access:ask')
  @ApiOkResponse({ standardSchema: vendorAccess })
  async get(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof vendorAccess>> {
    return this.present(actor, await this.database.run((tx) => this.requests.get(tx, id)));
  }

  /** Nothing can be read before an administrator of the city approves. */
  @Post()
  @RequirePermission('content-access:ask')
  @AcceptsIdempotencyKey('Scoped to the person.')
  @ApiCreatedResponse({ standardSchema: vendorAccess })
  async ask(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: askAccess }) wish: z.infer<typeof askAccess>,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<z.infer<typeof vendorAccess>> {
    const underKey = await readInput(idempotencyKey, key);
    return this.present(actor, await this.database.run((tx) => this.requests.ask(tx, actor, wish, underKey)));
  }

  /** Takes the request back, or ends the access before its time. */
  @Post(':id/end')
  @HttpCode(200)
  @RequirePermission('content-access:ask')
  @ApiOkResponse({ standardSchema: vendorAccess })
  async end(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof vendorAccess>> {
    const access = await this.database.run((tx) => this.requests.end(tx, actor, id));
    this.signals.publish({ kind: 'content-access.changed', accessId: id });
    return this.present(actor, access);
  }

  private present(actor: VendorActor, access: ContentAccess): z.infer<typeof vendorAccess> {
    return {
      ...presentContentAccess(access, this.clock.now()),
      city: { id: access.tenantId, code: access.cityCode, name: access.cityName },
      isOwn: access.askedById === actor.id,
    };
  }
}
