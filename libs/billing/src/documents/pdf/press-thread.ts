import { parentPort } from 'node:worker_threads';
import type { InvoiceDocument } from '../../invoice-document.ts';
import { invoicePdf } from './invoice-pdf.ts';

/** What the press sends and gets back; ids tell apart what is under way. */
export interface PressOrder {
  readonly id: number;
  readonly document: InvoiceDocument;
}
export type PressAnswer =
  { readonly id: number; readonly file: Uint8Array } | { readonly id: number; readonly fault: unknown };

parentPort!.on('message', ({ id, document }: PressOrder) => {
  invoicePdf(document).then(
    (file) => answer({ id, file }),
    (fault: unknown) => answer({ id, fault }),
  );
});

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
const answer = (message: PressAnswer): void => parentPort!.postMessage(message);
