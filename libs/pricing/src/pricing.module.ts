import { Module } from '@nestjs/common';
import { FxBook } from './fx-book.ts';
import { PriceBook } from './price-book.ts';
import { Prices } from './prices.ts';
import { PublishedPrices } from './published-prices.ts';

const PROVIDERS = [FxBook, PriceBook, Prices, PublishedPrices];

/** The price book and the rates, for every process. */
@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class PricingModule {}
