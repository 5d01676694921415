import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import { VENDOR_TENANT_ID, jstDayOf } from '#libs/kernel';
import { ModelPool } from '#libs/model-pool';
import { type PriceList, type PublishedPrice, PublishedPrices } from '#libs/pricing';
import { Public } from '../../access/permission.ts';
import { currencySchema, presentPrices, tokenPrices } from '../../http/price-schemas.ts';
import { daySchema } from '../../http/wire.ts';

const publishedPrice = z
  .object({
    model: z.string(),
    displayName: z.string(),
    currency: currencySchema,
    ...tokenPrices,
    /** The same at today's rate; null where there is none. */
    yen: z.object(tokenPrices).nullable(),
    validFrom: daySchema,
    source: z.string(),
  })
  .meta({ id: 'PublishedPrice' });

const priceList = z
  .object({
    /** What applies now, one price a model. */
    items: z.array(publishedPrice),
    /** What is to come, in the order it begins. */
    future: z.array(publishedPrice),
    fxRate: z.object({ jpyPerUsd: z.string(), validFrom: daySchema, source: z.string() }).nullable(),
  })
  .meta({ id: 'PriceList' });

/** What each model costs. Public on a city's networks: a public service must say its prices. */
@ApiTags('prices')
@Controller('api/v1/prices')
export class PriceListController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly prices: PublishedPrices,
    private readonly pool: ModelPool,
  ) {}

  @Get()
  @Public()
  @ApiOkResponse({ standardSchema: priceList })
  async read(): Promise<z.infer<typeof priceList>> {
    // Nobody is signed in, and prices belong to no city: the scope is one that has no rows of its own.
    const nobody = { tenantId: VENDOR_TENANT_ID, segment: 'lgwan' } as const;
    const list = await this.database.run(nobody, (tx) => this.prices.asOf(tx));
    const { fxRate } = list;
    return {
      items: list.current.map((price) => this.present(price, fxRate)),
      future: list.future.map((price) => this.present(price, fxRate)),
      fxRate: fxRate && {
        jpyPerUsd: fxRate.jpyPerUsd.toFixed(),
        validFrom: jstDayOf(fxRate.validFrom),
        source: fxRate.source,
      },
    };
  }

  private present(price: PublishedPrice, fxRate: PriceList['fxRate']): z.infer<typeof publishedPrice> {
    const { model, currency, validFrom, source } = price;
    const inYen = currency === 'JPY' ? presentPrices(price) : fxRate && presentPrices(price, fxRate.jpyPerUsd);
    return {
      model,
      displayName: this.pool.deployments.find((deployment) => deployment.model === model)?.displayName ?? model,
      currency,
      ...presentPrices(price),
      yen: inYen,
      validFrom: jstDayOf(validFrom),
      source,
    };
  }
}
