import { zipSync } from 'fflate';

const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const SHEETS = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** A workbook whose rows are written out as they stand in the file (ECMA-376), with a hidden sheet before it if need be. */
export function rawWorkbook(rows: string, hidden?: string): Uint8Array {
  const sheets = hidden === undefined ? [rows] : [hidden, rows];
  const list = sheets.map((sheet, index) => {
    const state = sheet === hidden ? ' state="hidden"' : '';
    return `<sheet name="S${index}" sheetId="${index + 1}" r:id="rId${index}"${state}/>`;
  });
  const pages = sheets.map((sheet, index) => [
    `xl/worksheets/sheet${index}.xml`,
    bytes(`<worksheet xmlns="${SHEETS}" xmlns:x="${SHEETS}"><sheetData>${sheet}</sheetData></worksheet>`),
  ]);
  return zipSync(
    {
      '[Content_Types].xml': bytes(`<Types xmlns="${PACKAGE}/content-types"/>`),
      '_rels/.rels': relations('officeDocument', ['xl/workbook.xml']),
      'xl/_rels/workbook.xml.rels': relations(
        'worksheet',
        sheets.map((_, index) => `worksheets/sheet${index}.xml`),
      ),
      'xl/workbook.xml': bytes(
        `<workbook xmlns="${SHEETS}" xmlns:r="${OFFICE}"><sheets>${list.join('')}</sheets></workbook>`,
      ),
      ...Object.fromEntries(pages),
    },
    { level: 1 },
  );
}

const relations = (type: string, targets: readonly string[]): Uint8Array =>
  bytes(
    `<Relationships xmlns="${PACKAGE}/relationships">${targets
      .map((target, index) => `<Relationship Id="rId${index}" Type="${OFFICE}/${type}" Target="${target}"/>`)
      .join('')}</Relationships>`,
  );

const bytes = (xml: string): Uint8Array => new TextEncoder().encode(xml);
