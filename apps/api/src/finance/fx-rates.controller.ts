import { Body, Controller, Get, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { FinanceDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { FxBook, type FxRow } from '#libs/pricing';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../http/idempotency.ts';
import { datedRow, dayToInstant, decimalText, presentRow, readDecimal, sourceSchema } from '../http/price-schemas.ts';
import { readInput } from '../http/request-input.ts';
import { daySchema, idParams } from '../http/wire.ts';

const fxRate = z.object({ ...datedRow, jpyPerUsd: z.string() }).meta({ id: 'FxRate' });
const fxRateList = z.object({ items: z.array(fxRate) }).meta({ id: 'FxRateList' });
const fxRateApproval = z.object({ fxRate, ratedCalls: z.int().min(0) }).meta({ id: 'FxRateApproval' });

const proposeFxRate = z
  .strictObject({ jpyPerUsd: decimalText, validFrom: daySchema, source: sourceSchema })
  .meta({ id: 'ProposeFxRate' });

const present = (row: FxRow): z.infer<typeof fxRate> => ({
  ...presentRow(row),
  jpyPerUsd: row.jpyPerUsd.toFixed(),
});

/** What a dollar costs in yen, from which day on: one person proposes, another approves. */
@ApiTags('prices')
@Controller('api/finance/v1/fx-rates')
export class FxRatesController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly book: FxBook,
  ) {}

  /** Latest start first; proposals and what was withdrawn too. */
  @Get()
  @RequirePermission('price:read')
  @ApiOkResponse({ standardSchema: fxRateList })
  async list(): Promise<z.infer<typeof fxRateList>> {
    return { items: (await this.database.run((tx) => this.book.list(tx))).map(present) };
  }

  /** Puts a rate before a second person. */
  @Post()
  @RequirePermission('price:propose')
  @AcceptsIdempotencyKey('Scoped to the person.')
  @ApiCreatedResponse({ standardSchema: fxRate })
  async propose(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: proposeFxRate }) body: z.infer<typeof proposeFxRate>,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<z.infer<typeof fxRate>> {
    const underKey = await readInput(idempotencyKey, key);
    const proposal = {
      jpyPerUsd: readDecimal(body.jpyPerUsd),
      validFrom: dayToInstant(body.validFrom),
      source: body.source,
    };
    return present(await this.database.run((tx) => this.book.propose(tx, actor, proposal, underKey)));
  }

  /** Puts it in force from its day; where nothing applied before, what waited for it is rated. */
  @Post(':id/approve')
  @HttpCode(200)
  @RequirePermission('price:approve')
  @ApiOkResponse({ standardSchema: fxRateApproval })
  async approve(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof fxRateApproval>> {
    const { row, ratedCalls } = await this.database.run((tx) => this.book.approve(tx, actor, id));
    return { fxRate: present(row), ratedCalls };
  }

  /** Takes back what has not begun. */
  @Post(':id/withdraw')
  @HttpCode(200)
  @RequirePermission('price:propose')
  @ApiOkResponse({ standardSchema: fxRate })
  async withdraw(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof fxRate>> {
    return present(await this.database.run((tx) => this.book.withdraw(tx, actor, id)));
  }
}
