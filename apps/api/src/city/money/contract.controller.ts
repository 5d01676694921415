import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { OwnContracts } from '#libs/billing';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { agreedTerms, presentTerms } from '../../http/contract-schemas.ts';
import { daySchema } from '../../http/wire.ts';

const ownContract = z
  .object({
    /** The one of today, else the next, else the last; null where nothing was ever agreed. */
    contract: z
      .object({
        id: z.uuid(),
        fiscalYear: z.int(),
        title: z.string(),
        startsOn: daySchema,
        endsOn: daySchema,
        billingName: z.string(),
        council: z.string().nullable(),
        deletionDays: z.int(),
        terms: z.array(z.object({ validFrom: daySchema, plan: z.string().nullable(), terms: agreedTerms })),
      })
      .nullable(),
  })
  .meta({ id: 'OwnContract' });

/** What the city agreed to pay by. */
@ApiTags('contract')
@Controller('api/v1/contract')
export class OwnContractController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly contracts: OwnContracts,
  ) {}

  @Get()
  @RequirePermission('city-budget:read')
  @ApiOkResponse({ standardSchema: ownContract })
  async read(@CurrentActor() actor: MemberActor): Promise<z.infer<typeof ownContract>> {
    const found = await this.database.run(actor.scope, (tx) => this.contracts.find(tx));
    if (!found) return { contract: null };
    const terms = found.terms.map((one) => ({ ...one, terms: presentTerms(one.terms) }));
    return { contract: { ...found, terms } };
  }
}
