import { Injectable } from '@nestjs/common';
import { TenantDatabase, type TenantScope } from '#libs/database';
import { PublishedPrices, type TokenCounts, costOf } from '#libs/pricing';

/** What tokens cost by the price list of now. What a city is charged is for its contract to say. */
@Injectable()
export class PublishedCost {
  constructor(
    private readonly database: TenantDatabase,
    private readonly prices: PublishedPrices,
  ) {}

  /** In whole yen, rounded up; null where no price, or no rate for it, applies: no amount rather than a wrong one. */
  async inYen(
    scope: TenantScope,
    model: string,
    tokens: Pick<TokenCounts, 'inputTokens' | 'outputTokens'>,
  ): Promise<number | null> {
    const { current, fxRate } = await this.database.run(scope, (tx) => this.prices.asOf(tx));
    const price = current.find((one) => one.model === model);
    if (!price || (price.currency === 'USD' && !fxRate)) return null;
    return costOf({ ...tokens, cacheReadTokens: 0, cacheWriteTokens: 0 }, price, fxRate)
      .costJpy.ceil()
      .toNumber();
  }
}
