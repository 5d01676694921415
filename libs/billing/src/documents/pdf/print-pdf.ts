import pdfmake, { type Content, type DocumentDefinition } from 'pdfmake';
import { FONT_FILES, printable } from './fonts.ts';
import { LAYOUTS, STYLES } from './styles.ts';

const MILLIMETRE = 72 / 25.4;

for (const [name, file] of Object.entries(FONT_FILES)) pdfmake.virtualfs.writeFileSync(name, file);
pdfmake.setFonts({ NotoSansJP: { normal: 'regular.ttf', bold: 'bold.ttf' } });
pdfmake.addTableLayouts(LAYOUTS);
// Nothing that stands in a document may make the server read a file or ask a host
pdfmake.setUrlAccessPolicy(() => false);
pdfmake.setLocalAccessPolicy(() => false);

/** What differs between documents; paper, fonts and styles are the house's. */
export interface PrintedDocument {
  readonly title: string;
  readonly subject: string;
  readonly author: string;
  /** Hex, of the data it is printed from. */
  readonly sha256: string;
  /** The only clock of the file: with the hash it makes the file's id. */
  readonly dated: Date;
  readonly content: Content[];
  readonly isDraft?: boolean;
}

/** A4, with the hash of its data at the foot of each page. The same document is the same bytes, so a reprint is the original. */
export const printPdf = (document: PrintedDocument): Promise<Buffer> =>
  pdfmake.createPdf(definition(document)).getBuffer();

function definition({
  title,
  subject,
  author,
  sha256,
  dated,
  content,
  isDraft = false,
}: PrintedDocument): DocumentDefinition {
  return {
    content: content.map((part) => mapTexts(part, printable)),
    pageSize: 'A4',
    pageMargins: [18, 16, 18, 18].map((side) => side * MILLIMETRE) as [number, number, number, number],
    language: 'ja',
    displayTitle: true,
    version: '1.7',
    info: { title, author, subject, keywords: `sha256:${sha256}`, creator: 'Moyai', creationDate: dated },
    defaultStyle: { font: 'NotoSansJP', fontSize: 9, lineHeight: 1.15 },
    styles: STYLES,
    footer: (page, pages) => ({
      columns: [
        { text: `${title}　データのSHA-256: ${sha256.slice(0, 16)}`, style: 'footer' },
        { text: `${page} / ${pages} ページ`, style: 'footer', alignment: 'right', width: 80 },
      ],
      margin: [18 * MILLIMETRE, 14, 18 * MILLIMETRE, 0],
    }),
    ...(isDraft && { watermark: { text: '下書き', color: '#c0392b', opacity: 0.1, bold: true } }),
  };
}

/** Every text of a document, changed alike: whatever is printed has been through the font. */
export function mapTexts<Value>(value: Value, change: (text: string) => string): Value {
  if (typeof value === 'string') return change(value) as Value;
  if (Array.isArray(value)) return value.map((item: unknown) => mapTexts(item, change)) as Value;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)])) as Value;
}
