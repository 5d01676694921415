import pdfmake, { type DocumentDefinition } from 'pdfmake';
import type { InvoiceDocument } from '../../invoice-document.ts';
import { canonicalText, hashOf } from '../../invoices/canonical.ts';
import { invoiceName } from '../invoice-name.ts';
import { appendix } from './appendix.ts';
import { figure, jstMidnight } from './figures.ts';
import { FONT_FILES, GETA, printable } from './fonts.ts';
import { frontPage, titleOf } from './front-page.ts';
import { LAYOUTS, STYLES } from './styles.ts';

const MILLIMETRE = 72 / 25.4;

for (const [name, file] of Object.entries(FONT_FILES)) pdfmake.virtualfs.writeFileSync(name, file);
pdfmake.setFonts({ NotoSansJP: { normal: 'regular.ttf', bold: 'bold.ttf' } });
pdfmake.addTableLayouts(LAYOUTS);
// Nothing that stands in an invoice may make the server read a file or ask a host
pdfmake.setUrlAccessPolicy(() => false);
pdfmake.setLocalAccessPolicy(() => false);

/**
 * The invoice or credit note as a city's accountant files it: A4, the items of a qualified invoice on the front page, then
 * the allocation sheet and the usage. The same document is the same bytes, so a reprint is the original. Without a number it
 * is marked as a draft. Takes some 100 ms of processor time.
 */
export async function invoicePdf(document: InvoiceDocument): Promise<Buffer> {
  const shown = mapTexts(document, printable);
  return pdfmake.createPdf(definition(shown, hashOf(canonicalText(document)).toString('hex'))).getBuffer();
}

function definition(document: InvoiceDocument, hash: string): DocumentDefinition {
  const title = invoiceName(document);
  const footnotes = JSON.stringify(document).includes(GETA)
    ? [`「${GETA}」は、この書体にない文字（外字）です。正しい文字は電子データ（JSON・CSV・XLSX）に記録しています。`]
    : [];
  return {
    content: [...frontPage(document, footnotes), ...appendix(document)],
    pageSize: 'A4',
    pageMargins: [18, 16, 18, 18].map((side) => side * MILLIMETRE) as [number, number, number, number],
    language: 'ja',
    displayTitle: true,
    version: '1.7',
    info: {
      title,
      author: document.issuer.name,
      subject: titleOf(document),
      keywords: `sha256:${hash}`,
      creator: 'Moyai',
      // The only clock of the file: with the hash above it makes the file's id
      creationDate: jstMidnight(document.issuedOn ?? document.period.to),
    },
    defaultStyle: { font: 'NotoSansJP', fontSize: 9, lineHeight: 1.15 },
    styles: STYLES,
    footer: (page, pages) => ({
      columns: [
        { text: `${title}　データのSHA-256: ${hash.slice(0, 16)}`, style: 'footer' },
        { text: `${figure(page)} / ${figure(pages)} ページ`, style: 'footer', alignment: 'right', width: 80 },
      ],
      margin: [18 * MILLIMETRE, 14, 18 * MILLIMETRE, 0],
    }),
    ...(document.number === null && { watermark: { text: '下書き', color: '#c0392b', opacity: 0.1, bold: true } }),
  };
}

/** Every text of a document, changed alike: whatever is printed has been through the font. */
function mapTexts<Value>(value: Value, change: (text: string) => string): Value {
  if (typeof value === 'string') return change(value) as Value;
  if (Array.isArray(value)) return value.map((item: unknown) => mapTexts(item, change)) as Value;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)])) as Value;
}
