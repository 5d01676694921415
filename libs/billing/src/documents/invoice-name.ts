import type { InvoiceDocument } from '../invoice-document.ts';

/** What an invoice's files are called, and what stands at the foot of its pages: `請求書_M2026-000123_292010_2026-10`. */
export function invoiceName({ kind, number, recipient, month }: InvoiceDocument): string {
  const noun = kind === 'credit-note' ? '返還請求書' : '請求書';
  return [noun, number ?? '下書き', recipient.code, month].join('_');
}
