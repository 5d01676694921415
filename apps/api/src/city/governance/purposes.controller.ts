import { Body, Controller, Get, Param, Patch, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { PurposeDirectory } from '#libs/tenancy';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { changeOf, idParams, nameSchema } from '../../http/wire.ts';

const legalBasis = z.string().trim().max(300).nullable();

const purpose = z
  .object({
    id: z.uuid(),
    code: z.string(),
    name: z.string(),
    legalBasis: z.string().nullable(),
    enabled: z.boolean(),
  })
  .meta({ id: 'Purpose' });

const purposeList = z.object({ items: z.array(purpose) }).meta({ id: 'PurposeList' });

const createPurpose = z
  .strictObject({
    code: z.string().regex(/^[A-Za-z0-9._-]{1,32}$/),
    name: nameSchema,
    legalBasis: legalBasis.optional(),
  })
  .meta({ id: 'CreatePurpose' });

const changePurpose = changeOf('ChangePurpose', { name: nameSchema, legalBasis, enabled: z.boolean() });

/** 事務: what the city has decided AI may be used for. */
@ApiTags('purposes')
@Controller('api/v1/purposes')
export class PurposesController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly purposes: PurposeDirectory,
  ) {}

  @Get()
  @RequirePermission('purpose:read')
  @ApiOkResponse({ standardSchema: purposeList })
  list(@CurrentActor() actor: MemberActor): Promise<z.infer<typeof purposeList>> {
    return this.database.run(actor.scope, async (tx) => ({ items: await this.purposes.list(tx) }));
  }

  @Post()
  @RequirePermission('purpose:write')
  @ApiCreatedResponse({ standardSchema: purpose })
  create(
    @CurrentActor() actor: MemberActor,
    @Body({ schema: createPurpose }) body: z.infer<typeof createPurpose>,
  ): Promise<z.infer<typeof purpose>> {
    return this.database.run(actor.scope, (tx) =>
      this.purposes.create(tx, actor, { ...body, legalBasis: body.legalBasis ?? null }),
    );
  }

  @Patch(':id')
  @RequirePermission('purpose:write')
  @ApiOkResponse({ standardSchema: purpose })
  change(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: changePurpose }) change: z.infer<typeof changePurpose>,
  ): Promise<z.infer<typeof purpose>> {
    return this.database.run(actor.scope, (tx) => this.purposes.change(tx, actor, id, change));
  }
}
