import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { SERVICE_KEY_SCOPES, type ServiceKey, ServiceKeys, type VendorActor } from '#libs/identity';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission, RequireStepUp } from '../access/permission.ts';
import {
  daySchema,
  idParams,
  instant,
  instantOrNull,
  instantSchema,
  nameSchema,
  pageFrom,
  pageOf,
  pageQuery,
  readIdCursor,
} from '../http/wire.ts';

const scopes = z.array(z.enum(SERVICE_KEY_SCOPES));

const serviceKey = z
  .object({
    id: z.uuid(),
    name: z.string(),
    scopes,
    createdBy: z.string(),
    createdAt: instantSchema,
    expiresAt: instantSchema,
    lastUsedAt: instantSchema.nullable(),
    revokedAt: instantSchema.nullable(),
  })
  .meta({ id: 'ServiceKey' });

const serviceKeyPage = pageOf('ServiceKeyPage', serviceKey);
const createServiceKey = z
  .strictObject({
    name: nameSchema,
    scopes: scopes.min(1).max(SERVICE_KEY_SCOPES.length),
    /** The last JST day on which it works; within a year. */
    expiresOn: daySchema,
  })
  .meta({ id: 'CreateServiceKey' });
const createdServiceKey = serviceKey.extend({ serviceKey: z.string() }).meta({ id: 'CreatedServiceKey' });

const present = (key: ServiceKey): z.infer<typeof serviceKey> => ({
  ...key,
  createdAt: instant(key.createdAt),
  expiresAt: instant(key.expiresAt),
  lastUsedAt: instantOrNull(key.lastUsedAt),
  revokedAt: instantOrNull(key.revokedAt),
});

/** Keys with which the vendor's own systems, its accounting above all, read this API. They decide nothing. */
@ApiTags('service-keys')
@Controller('api/finance/v1/service-keys')
export class ServiceKeysController {
  constructor(private readonly keys: ServiceKeys) {}

  @Get()
  @RequirePermission('service-key:read')
  @ApiOkResponse({ standardSchema: serviceKeyPage })
  async list(
    @Query({ schema: pageQuery }) { cursor, limit }: z.infer<typeof pageQuery>,
  ): Promise<z.infer<typeof serviceKeyPage>> {
    const rows = await this.keys.list({ before: readIdCursor(cursor), limit: limit + 1 });
    return pageFrom(rows, limit, { after: ({ id }) => id, present });
  }

  /** The key's text is shown this once. Send it as `Authorization: Bearer`. */
  @Post()
  @RequirePermission('service-key:write')
  @RequireStepUp()
  @ApiCreatedResponse({ standardSchema: createdServiceKey })
  async create(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: createServiceKey }) body: z.infer<typeof createServiceKey>,
  ): Promise<z.infer<typeof createdServiceKey>> {
    const { key, text } = await this.keys.create(actor, body);
    return { ...present(key), serviceKey: text };
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('service-key:write')
  @RequireStepUp()
  @ApiNoContentResponse()
  revoke(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<void> {
    return this.keys.revoke(actor, id);
  }
}
