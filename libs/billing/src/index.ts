export { BillingModule } from './billing.module.ts';
export type { ChargeLine, ContractMonth, ContractTerms, RatedUsage, TermStretch } from './charge.ts';
export type {
  InvoiceAllocation,
  InvoiceDocument,
  InvoiceFxRate,
  InvoiceLine,
  InvoicePrice,
  InvoiceTax,
  InvoiceUsage,
} from './invoice-document.ts';
export { type BilledMonth, chargesOf } from './contracts/charges-of.ts';
export { type CityWithoutContract, ContractBook } from './contracts/contract-book.ts';
export { splitWhole } from './contracts/split-whole.ts';
export * from './reconciliation/index.ts';
