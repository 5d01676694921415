import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type Plan, PlanCatalogue } from '#libs/billing';
import { FinanceDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { agreedTerms, presentTerms, readTerms } from '../http/contract-schemas.ts';
import { idParams, instant, instantOrNull, instantSchema, nameSchema } from '../http/wire.ts';

const plan = z
  .object({
    id: z.uuid(),
    code: z.string(),
    name: z.string(),
    terms: agreedTerms,
    createdAt: instantSchema,
    retiredAt: instantSchema.nullable(),
  })
  .meta({ id: 'Plan' });

const planList = z.object({ items: z.array(plan) }).meta({ id: 'PlanList' });

const offerPlan = z
  .strictObject({
    code: z.string().regex(/^[A-Za-z0-9._-]{1,32}$/),
    name: nameSchema,
    terms: agreedTerms,
    /** Takes the code over from the plan that has it now. */
    succeeds: z.boolean().default(false),
  })
  .meta({ id: 'OfferPlan' });

const present = ({ id, code, name, terms, createdAt, retiredAt }: Plan): z.infer<typeof plan> => ({
  id,
  code,
  name,
  terms: presentTerms(terms),
  createdAt: instant(createdAt),
  retiredAt: instantOrNull(retiredAt),
});

/** Templates of terms. A plan is never edited: another one takes its code over. */
@ApiTags('contracts')
@Controller('api/finance/v1/plans')
export class PlansController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly plans: PlanCatalogue,
  ) {}

  /** What is on offer first, then what was. */
  @Get()
  @RequirePermission('contract:read')
  @ApiOkResponse({ standardSchema: planList })
  async list(): Promise<z.infer<typeof planList>> {
    return { items: (await this.database.run((tx) => this.plans.list(tx))).map(present) };
  }

  @Post()
  @RequirePermission('contract:write')
  @ApiCreatedResponse({ standardSchema: plan })
  async offer(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: offerPlan }) { terms, ...body }: z.infer<typeof offerPlan>,
  ): Promise<z.infer<typeof plan>> {
    return present(await this.database.run((tx) => this.plans.offer(tx, actor, { ...body, terms: readTerms(terms) })));
  }

  /** Contracts under it go on; no new terms take it. */
  @Post(':id/retire')
  @HttpCode(200)
  @RequirePermission('contract:write')
  @ApiOkResponse({ standardSchema: plan })
  async retire(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof plan>> {
    return present(await this.database.run((tx) => this.plans.retire(tx, actor, id)));
  }
}
