import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ENTRY_KINDS, VarianceEntries } from '#libs/billing';
import type { VendorActor } from '#libs/identity';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { idParams } from '../http/wire.ts';
import { explanation } from './reconciliation-schemas.ts';

type Id = z.infer<typeof idParams>;

const proposeEntry = z.strictObject({ kind: z.enum(ENTRY_KINDS), explanation }).meta({ id: 'ProposeVarianceEntry' });

/** Accounting for variances: one person proposes, another approves. `GET reconciliations/{month}` shows them. */
@ApiTags('reconciliation')
@Controller('api/finance/v1')
export class VariancesController {
  constructor(private readonly entries: VarianceEntries) {}

  /** Explains or posts all that is open of the variance. */
  @Post('variances/:id/entries')
  @HttpCode(204)
  @RequirePermission('reconciliation:write')
  @ApiNoContentResponse()
  async propose(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: Id,
    @Body({ schema: proposeEntry }) body: z.infer<typeof proposeEntry>,
  ): Promise<void> {
    await this.entries.propose(actor, id, body);
  }

  @Post('variance-entries/:id/approve')
  @HttpCode(204)
  @RequirePermission('reconciliation:approve')
  @ApiNoContentResponse()
  async approve(@CurrentActor() actor: VendorActor, @Param({ schema: idParams }) { id }: Id): Promise<void> {
    await this.entries.approve(actor, id);
  }

  /** Takes a proposal back that nobody has approved. */
  @Post('variance-entries/:id/withdraw')
  @HttpCode(204)
  @RequirePermission('reconciliation:write')
  @ApiNoContentResponse()
  async withdraw(@CurrentActor() actor: VendorActor, @Param({ schema: idParams }) { id }: Id): Promise<void> {
    await this.entries.withdraw(actor, id);
  }
}
