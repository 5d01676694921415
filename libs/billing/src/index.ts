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
export * from './contracts/index.ts';
export * from './reconciliation/index.ts';
