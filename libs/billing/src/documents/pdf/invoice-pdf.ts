import type { InvoiceDocument } from '../../invoice-document.ts';
import { canonicalText, hashOf } from '../../invoices/canonical.ts';
import { invoiceName } from '../invoice-name.ts';
import { appendix } from './appendix.ts';
import { jstMidnight } from './figures.ts';
import { GETA, printable } from './fonts.ts';
import { frontPage, titleOf } from './front-page.ts';
import { mapTexts, printPdf } from './print-pdf.ts';

/**
 * The invoice or credit note as a city's accountant files it: A4, the items of a qualified invoice on the front page, then
 * the allocation sheet and the usage. The same document is the same bytes, so a reprint is the original. Without a number it
 * is marked as a draft. Takes some 100 ms of processor time.
 */
export async function invoicePdf(document: InvoiceDocument): Promise<Buffer> {
  const shown = mapTexts(document, printable);
  const footnotes = JSON.stringify(shown).includes(GETA)
    ? [`「${GETA}」は、この書体にない文字（外字）です。正しい文字は電子データ（JSON・CSV・XLSX）に記録しています。`]
    : [];
  return printPdf({
    title: invoiceName(shown),
    subject: titleOf(shown),
    author: shown.issuer.name,
    sha256: hashOf(canonicalText(document)).toString('hex'),
    dated: jstMidnight(shown.issuedOn ?? shown.period.to),
    content: [...frontPage(shown, footnotes), ...appendix(shown)],
    isDraft: document.number === null,
  });
}
