export { type Cost, type TokenCounts, costOf } from './cost.ts';
export type { Vendor } from './dated-book.ts';
export type { DatedRow, Person } from './dated-row.ts';
export { FxBook, type FxRow } from './fx-book.ts';
export { ExactDecimal, type FxRate, type ModelPrice, type TokenPrices } from './model-price.ts';
export { PriceBook, type PriceRow } from './price-book.ts';
export { PriceTable, Prices } from './prices.ts';
export { PricingModule } from './pricing.module.ts';
export { type PriceList, type PublishedPrice, PublishedPrices } from './published-prices.ts';
