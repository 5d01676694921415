import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ContractEnder, ContractPreview, PlanCatalogue, TermsBook } from '#libs/billing';
import { FinanceDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { daySchema, idParams } from '../http/wire.ts';
import { chargePreview, contract, presentContract, presentPreview } from './contract-wire.ts';
import { newTerms, termsFrom } from './new-terms.ts';

const termsParams = idParams.extend({ validFrom: daySchema });

const proposeTerms = z.strictObject({ validFrom: daySchema, terms: newTerms }).meta({ id: 'ProposeTerms' });

const proposeEnding = z
  .strictObject({ endsOn: daySchema, reason: z.string().trim().min(1).max(200) })
  .meta({ id: 'ProposeEnding' });

const count = z.int().min(0).max(1_000_000_000_000);

const tryUse = z
  .strictObject({
    validFrom: daySchema,
    model: z.string().min(1).max(128),
    inputTokens: count,
    outputTokens: count,
    cacheReadTokens: count.default(0),
    cacheWriteTokens: count.default(0),
    inputCharacters: count.default(0),
    outputCharacters: count.default(0),
  })
  .meta({ id: 'TryUse' });

/** How the terms of a contract change and end: one person proposes, another approves. */
@ApiTags('contracts')
@Controller('api/finance/v1/contracts/:id')
export class ContractTermsController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly book: TermsBook,
    private readonly ender: ContractEnder,
    private readonly previews: ContractPreview,
    private readonly plans: PlanCatalogue,
  ) {}

  /** Other terms from a later day on. */
  @Post('terms')
  @RequirePermission('contract:write')
  @ApiCreatedResponse({ standardSchema: contract })
  propose(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: proposeTerms }) { validFrom, terms }: z.infer<typeof proposeTerms>,
  ): Promise<z.infer<typeof contract>> {
    return this.database.run(async (tx) => {
      const agreed = await termsFrom(tx, this.plans, terms);
      return presentContract(await this.book.propose(tx, actor, id, validFrom, agreed));
    });
  }

  @Post('terms/:validFrom/approve')
  @HttpCode(200)
  @RequirePermission('contract:approve')
  @ApiOkResponse({ standardSchema: contract })
  async approve(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: termsParams }) { id, validFrom }: z.infer<typeof termsParams>,
  ): Promise<z.infer<typeof contract>> {
    return presentContract(await this.database.run((tx) => this.book.approve(tx, actor, id, validFrom)));
  }

  /** Takes a proposal back; with its first terms goes the contract. */
  @Post('terms/:validFrom/withdraw')
  @HttpCode(204)
  @RequirePermission('contract:write')
  @ApiNoContentResponse()
  withdraw(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: termsParams }) { id, validFrom }: z.infer<typeof termsParams>,
  ): Promise<void> {
    return this.database.run((tx) => this.book.withdraw(tx, actor, id, validFrom));
  }

  /** An end before the agreed one. */
  @Post('ending')
  @RequirePermission('contract:write')
  @ApiCreatedResponse({ standardSchema: contract })
  async proposeEnding(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: proposeEnding }) ending: z.infer<typeof proposeEnding>,
  ): Promise<z.infer<typeof contract>> {
    return presentContract(await this.database.run((tx) => this.ender.propose(tx, actor, id, ending)));
  }

  @Post('ending/approve')
  @HttpCode(200)
  @RequirePermission('contract:approve')
  @ApiOkResponse({ standardSchema: contract })
  async approveEnding(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof contract>> {
    return presentContract(await this.database.run((tx) => this.ender.approve(tx, actor, id)));
  }

  @Post('ending/withdraw')
  @HttpCode(200)
  @RequirePermission('contract:write')
  @ApiOkResponse({ standardSchema: contract })
  async withdrawEnding(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof contract>> {
    return presentContract(await this.database.run((tx) => this.ender.withdraw(tx, actor, id)));
  }

  /** What a whole month of some use would cost under terms of this contract, proposed ones too. Nothing is stored. */
  @Post('preview')
  @HttpCode(200)
  @RequirePermission('contract:read')
  @ApiOkResponse({ standardSchema: chargePreview })
  async preview(
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: tryUse }) { validFrom, ...use }: z.infer<typeof tryUse>,
  ): Promise<z.infer<typeof chargePreview>> {
    return presentPreview(await this.database.run((tx) => this.previews.preview(tx, id, validFrom, use)));
  }
}
