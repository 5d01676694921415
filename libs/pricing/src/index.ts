export { type Cost, type TokenCounts, costOf } from './cost.ts';
export type { Approval, Vendor } from './dated-book.ts';
export type { DatedRow, Person, RowState } from './dated-row.ts';
export { FxBook, type FxProposal, type FxRow } from './fx-book.ts';
export { type Currency, ExactDecimal, type FxRate, type ModelPrice, type TokenPrices } from './model-price.ts';
export { PriceBook, type PriceProposal, type PriceRow } from './price-book.ts';
export { PriceTable, Prices } from './prices.ts';
export { PricingModule } from './pricing.module.ts';
export { type PriceList, type PublishedFxRate, type PublishedPrice, PublishedPrices } from './published-prices.ts';
