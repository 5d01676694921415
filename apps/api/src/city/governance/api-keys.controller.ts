import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { API_KEY_SCOPES, type ApiKey, ApiKeyRegistry, type MemberActor } from '#libs/identity';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission, RequireStepUp } from '../../access/permission.ts';
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
  segmentSchema,
} from '../../http/wire.ts';

const scopes = z.array(z.enum(API_KEY_SCOPES));

const apiKey = z
  .object({
    id: z.uuid(),
    name: z.string(),
    scopes,
    segment: segmentSchema,
    createdAt: instantSchema,
    expiresAt: instantSchema.nullable(),
    lastUsedAt: instantSchema.nullable(),
    revokedAt: instantSchema.nullable(),
  })
  .meta({ id: 'ApiKey' });

const apiKeyPage = pageOf('ApiKeyPage', apiKey);
const apiKeyQuery = pageQuery.extend({ scope: z.enum(API_KEY_SCOPES).optional() });
const createApiKey = z
  .strictObject({
    name: nameSchema,
    scopes: scopes.min(1).max(10),
    /** The last JST day on which it works, within a year. */
    expiresOn: daySchema.optional(),
  })
  .refine((key) => !key.scopes.includes('scim') || new Set(key.scopes).size === 1, {
    path: ['scopes'],
    message: '職員連携（SCIM）の鍵は、ほかの用途と兼ねられません。',
  })
  .refine((key) => !key.scopes.includes('scim') || key.expiresOn !== undefined, {
    path: ['expiresOn'],
    message: '職員連携（SCIM）の鍵には、有効期限が必要です。',
  })
  .meta({ id: 'CreateApiKey' });
const createdApiKey = apiKey.extend({ apiKey: z.string() }).meta({ id: 'CreatedApiKey' });

const present = (key: ApiKey): z.infer<typeof apiKey> => ({
  ...key,
  createdAt: instant(key.createdAt),
  expiresAt: instantOrNull(key.expiresAt),
  lastUsedAt: instantOrNull(key.lastUsedAt),
  revokedAt: instantOrNull(key.revokedAt),
});

/** Keys for the city's own systems, on the network the administrator is signed in on. */
@ApiTags('api-keys')
@Controller('api/v1/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeyRegistry) {}

  @Get()
  @RequirePermission('api-key:read')
  @ApiOkResponse({ standardSchema: apiKeyPage })
  async list(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: apiKeyQuery }) { cursor, limit, scope }: z.infer<typeof apiKeyQuery>,
  ): Promise<z.infer<typeof apiKeyPage>> {
    const page = { before: readIdCursor(cursor), limit: limit + 1, scope };
    const rows = await this.keys.list(actor.scope, page);
    return pageFrom(rows, limit, { after: ({ id }) => id, present });
  }

  /** The key's text is shown this once. */
  @Post()
  @RequirePermission('api-key:write')
  @RequireStepUp()
  @ApiCreatedResponse({ standardSchema: createdApiKey })
  async create(
    @CurrentActor() actor: MemberActor,
    @Body({ schema: createApiKey }) body: z.infer<typeof createApiKey>,
  ): Promise<z.infer<typeof createdApiKey>> {
    const { key, text } = await this.keys.create(actor.scope, actor, body);
    return { ...present(key), apiKey: text };
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('api-key:write')
  @RequireStepUp()
  @ApiNoContentResponse()
  revoke(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<void> {
    return this.keys.revoke(actor.scope, actor, id);
  }
}
