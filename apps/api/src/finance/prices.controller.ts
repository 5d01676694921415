import { Body, Controller, Get, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { FinanceDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { UnratedUsage } from '#libs/metering';
import { ModelPool } from '#libs/model-pool';
import { PriceBook, type PriceRow } from '#libs/pricing';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../http/idempotency.ts';
import {
  currencySchema,
  datedRow,
  dayToInstant,
  decimalText,
  presentPrices,
  presentRow,
  readDecimal,
  sourceSchema,
  tokenPrices,
} from '../http/price-schemas.ts';
import { readInput } from '../http/request-input.ts';
import { daySchema, idParams, instant, instantSchema, monthSchema } from '../http/wire.ts';

const modelPrice = z
  .object({ ...datedRow, model: z.string(), currency: currencySchema, ...tokenPrices })
  .meta({ id: 'ModelPrice' });

const priceBook = z
  .object({
    /** Latest start first; proposals and what was withdrawn too. */
    items: z.array(modelPrice),
    /** Models that the pool serves. */
    models: z.array(
      z.object({ id: z.string(), displayName: z.string(), isPriced: z.boolean() }).meta({ id: 'ServedModel' }),
    ),
    /** Use that no price rates yet: no month closes over it. */
    unrated: z.array(
      z
        .object({
          model: z.string(),
          month: monthSchema,
          calls: z.int(),
          tokens: z.int(),
          firstAcceptedAt: instantSchema,
        })
        .meta({ id: 'UnratedUsage' }),
    ),
  })
  .meta({ id: 'PriceBook' });

const proposePrice = z
  .strictObject({
    model: z.string().trim().min(1).max(128).regex(/^\S+$/),
    validFrom: daySchema,
    currency: currencySchema,
    input: decimalText,
    output: decimalText,
    cacheRead: decimalText,
    cacheWrite: decimalText,
    source: sourceSchema,
    /** Needed for the first price of a model that the pool does not serve. */
    isNewModel: z.boolean().default(false),
  })
  .meta({ id: 'ProposePrice' });

const priceApproval = z.object({ price: modelPrice, ratedCalls: z.int().min(0) }).meta({ id: 'PriceApproval' });

const present = (row: PriceRow): z.infer<typeof modelPrice> => ({
  ...presentRow(row),
  model: row.model,
  currency: row.currency,
  ...presentPrices(row),
});

/** What models cost, from which day on: one person proposes, another approves. */
@ApiTags('prices')
@Controller('api/finance/v1/prices')
export class PricesController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly book: PriceBook,
    private readonly unrated: UnratedUsage,
    private readonly pool: ModelPool,
  ) {}

  /** The whole book. */
  @Get()
  @RequirePermission('price:read')
  @ApiOkResponse({ standardSchema: priceBook })
  async read(): Promise<z.infer<typeof priceBook>> {
    const { rows, unrated } = await this.database.run(async (tx) => ({
      rows: await this.book.list(tx),
      unrated: await this.unrated.list(tx),
    }));
    const priced = new Set(rows.filter(({ state }) => state === 'current').map(({ model }) => model));
    const names = new Map(this.pool.deployments.map(({ model, displayName }) => [model, displayName]));
    return {
      items: rows.map(present),
      models: [...names].map(([id, displayName]) => ({ id, displayName, isPriced: priced.has(id) })),
      unrated: unrated.map((line) => ({ ...line, firstAcceptedAt: instant(line.firstAcceptedAt) })),
    };
  }

  /** Puts a price before a second person. */
  @Post()
  @RequirePermission('price:propose')
  @AcceptsIdempotencyKey('Scoped to the person.')
  @ApiCreatedResponse({ standardSchema: modelPrice })
  async propose(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: proposePrice }) body: z.infer<typeof proposePrice>,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<z.infer<typeof modelPrice>> {
    const underKey = await readInput(idempotencyKey, key);
    const proposal = {
      ...body,
      input: readDecimal(body.input),
      output: readDecimal(body.output),
      cacheRead: readDecimal(body.cacheRead),
      cacheWrite: readDecimal(body.cacheWrite),
      validFrom: dayToInstant(body.validFrom),
      served: this.pool.deployments.some(({ model }) => model === body.model),
    };
    return present(await this.database.run((tx) => this.book.propose(tx, actor, proposal, underKey)));
  }

  /** Puts it in force from its day; where nothing applied before, what waited for it is rated. */
  @Post(':id/approve')
  @HttpCode(200)
  @RequirePermission('price:approve')
  @ApiOkResponse({ standardSchema: priceApproval })
  async approve(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof priceApproval>> {
    const { row, ratedCalls } = await this.database.run((tx) => this.book.approve(tx, actor, id));
    return { price: present(row), ratedCalls };
  }

  /** Takes back what has not begun. */
  @Post(':id/withdraw')
  @HttpCode(200)
  @RequirePermission('price:propose')
  @ApiOkResponse({ standardSchema: modelPrice })
  async withdraw(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof modelPrice>> {
    return present(await this.database.run((tx) => this.book.withdraw(tx, actor, id)));
  }
}
