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
export * from './estimates/index.ts';
export * from './reconciliation/index.ts';
export { focusTable } from './documents/focus.ts';
export { INVOICE_FORMATS, type InvoiceFile, InvoiceFiles, type InvoiceFormat } from './documents/invoice-files.ts';
export { InvoicePress } from './documents/invoice-press.ts';
export { INVOICE_TABLES, type InvoiceTableName } from './documents/invoice-tables.ts';
