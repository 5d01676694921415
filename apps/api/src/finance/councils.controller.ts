import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { COUNCIL_SPLITS, type Council, CouncilRegister } from '#libs/billing';
import { FinanceDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import {
  cityReference,
  councilWeight,
  fiscalYearSchema,
  monthlyYen,
  presentProposed,
  proposed,
} from '../http/contract-schemas.ts';
import { idParams, nameSchema } from '../http/wire.ts';

const MEMBERS_MAX = 2_000;

const council = z
  .object({
    id: z.uuid(),
    fiscalYear: z.int(),
    name: z.string(),
    monthlyBaseFeeJpy: monthlyYen,
    split: z.enum(COUNCIL_SPLITS),
    ...proposed,
    members: z.array(z.object({ city: cityReference, weight: z.string(), isApproved: z.boolean() })),
  })
  .meta({ id: 'Council' });

const councilList = z.object({ items: z.array(council) }).meta({ id: 'CouncilList' });

const councilQuery = z.strictObject({ fiscalYear: fiscalYearSchema });

/** People where the fee is split by population, the agreed part where by weights; else it does not matter. */
const member = z
  .strictObject({ cityId: z.uuid(), weight: councilWeight.default('1') })
  .meta({ id: 'AddCouncilMember' });

const proposeCouncil = z
  .strictObject({
    fiscalYear: z.int().min(2020).max(2099),
    name: nameSchema,
    monthlyBaseFeeJpy: monthlyYen,
    split: z.enum(COUNCIL_SPLITS),
    members: z
      .array(member)
      .min(1)
      .max(MEMBERS_MAX)
      .refine((members) => new Set(members.map(({ cityId }) => cityId)).size === members.length, {
        message: '同じ団体が重複しています。',
      }),
  })
  .meta({ id: 'ProposeCouncil' });

const present = ({ id, fiscalYear, name, monthlyBaseFeeJpy, split, members, ...decision }: Council) => ({
  id,
  fiscalYear,
  name,
  monthlyBaseFeeJpy,
  split,
  members: members.map(({ city, weight, isApproved }) => ({ city, weight, isApproved })),
  ...presentProposed(decision),
});

/** 協議会: cities that contract together. Their base fee is split among the members; each has a contract of its own. */
@ApiTags('contracts')
@Controller('api/finance/v1/councils')
export class CouncilsController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly councils: CouncilRegister,
  ) {}

  @Get()
  @RequirePermission('contract:read')
  @ApiOkResponse({ standardSchema: councilList })
  async list(
    @Query({ schema: councilQuery }) { fiscalYear }: z.infer<typeof councilQuery>,
  ): Promise<z.infer<typeof councilList>> {
    return { items: (await this.database.run((tx) => this.councils.list(tx, fiscalYear))).map(present) };
  }

  /** Puts a council and its members before a second person. */
  @Post()
  @RequirePermission('contract:write')
  @ApiCreatedResponse({ standardSchema: council })
  async propose(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: proposeCouncil }) body: z.infer<typeof proposeCouncil>,
  ): Promise<z.infer<typeof council>> {
    return present(await this.database.run((tx) => this.councils.propose(tx, actor, body)));
  }

  /** One more member, once it is approved. */
  @Post(':id/members')
  @RequirePermission('contract:write')
  @ApiCreatedResponse({ standardSchema: council })
  async addMember(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: member }) body: z.infer<typeof member>,
  ): Promise<z.infer<typeof council>> {
    return present(await this.database.run((tx) => this.councils.addMember(tx, actor, id, body)));
  }

  /** Approves the council and those of its members that wait. */
  @Post(':id/approve')
  @HttpCode(200)
  @RequirePermission('contract:approve')
  @ApiOkResponse({ standardSchema: council })
  async approve(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof council>> {
    return present(await this.database.run((tx) => this.councils.approve(tx, actor, id)));
  }

  /** Takes back what waits: the council while nobody approved it, later the members that wait. */
  @Post(':id/withdraw')
  @HttpCode(204)
  @RequirePermission('contract:write')
  @ApiNoContentResponse()
  withdraw(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<void> {
    return this.database.run((tx) => this.councils.withdraw(tx, actor, id));
  }
}
