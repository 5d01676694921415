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
export { ArchiveDeliveries } from './archives/archive-deliveries.ts';
export { ArchiveRunModule } from './archives/archive-run.module.ts';
export { ArchiveRunner } from './archives/archive-runner.ts';
export { type InvoiceArchive, InvoiceArchives } from './archives/invoice-archives.ts';
export { archiveOf } from './documents/archive.ts';
export { InvoiceDocumentsModule } from './documents/documents.module.ts';
export { focusTable } from './documents/focus.ts';
export { INVOICE_FORMATS, type InvoiceFile, InvoiceFiles, type InvoiceFormat } from './documents/invoice-files.ts';
export { InvoicePress } from './documents/invoice-press.ts';
export { MonthInvoices } from './documents/month-invoices.ts';
export { INVOICE_TABLES, type InvoiceTableName } from './documents/invoice-tables.ts';
export { UnknownUsage, CloseChecks } from './close/close-checks.ts';
export { CloseDeliveries } from './close/close-deliveries.ts';
export { CloseModule } from './close/close.module.ts';
export { CloseRunner } from './close/close-runner.ts';
export { MonthClose } from './close/month-close.ts';
export type { CloseFault, CloseFaultCode, Period, PeriodState } from './close/period.ts';
export { PeriodBook, type PeriodSummary } from './close/period-book.ts';
export { type NewCorrection, type UsageCorrection, UsageCorrections } from './close/usage-corrections.ts';
export { HISTORY_GROUPS, type HistoryGroup, type HistoryPoint, UsageHistory } from './close/usage-history.ts';
export { canonicalText, hashOf } from './invoices/canonical.ts';
export { printPdf } from './documents/pdf/print-pdf.ts';
export { CityInvoices } from './invoices/city-invoices.ts';
export { type CreditLine, CreditNotes } from './invoices/credit-notes.ts';
export { INVOICE_STATES, type InvoiceState, type InvoiceSummary } from './invoices/invoice.ts';
export {
  InvoiceBook,
  type InvoiceEvent,
  type InvoiceFilter,
  type KeptDocument,
  type PagePlace,
  isGenuine,
} from './invoices/invoice-book.ts';
export { type BilledCall, InvoiceCalls } from './invoices/invoice-calls.ts';
export { type Difference, type InvoiceDifference, differenceOf } from './invoices/invoice-difference.ts';
export { InvoiceIssue } from './invoices/invoice-issue.ts';
export { InvoiceSteps } from './invoices/invoice-steps.ts';
export { InvoicingModule } from './invoices/invoicing.module.ts';
