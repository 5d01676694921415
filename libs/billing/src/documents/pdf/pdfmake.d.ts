/**
 * What we use of pdfmake 0.3. Its own types (@types/pdfmake) bring the browser's globals into every server file.
 */
declare module 'pdfmake' {
  export type Margins = [left: number, top: number, right: number, bottom: number];

  export interface TextStyle {
    fontSize?: number;
    bold?: boolean;
    color?: string;
    fillColor?: string;
    alignment?: 'left' | 'right' | 'center';
    margin?: Margins;
    lineHeight?: number;
    characterSpacing?: number;
    noWrap?: boolean;
  }

  export interface Text extends TextStyle {
    text: string;
    style?: string;
    colSpan?: number;
    pageBreak?: 'before';
    pageOrientation?: 'portrait' | 'landscape';
  }

  export type Content =
    | string
    | Text
    | { columns: (Content & { width?: number | '*' | 'auto' })[]; columnGap?: number; margin?: Margins }
    | { stack: Content[]; margin?: Margins; style?: string; unbreakable?: boolean }
    | {
        table: { headerRows: number; dontBreakRows: boolean; widths: (number | '*' | 'auto')[]; body: Content[][] };
        layout: string | TableLayout;
        style?: string;
        margin?: Margins;
      };

  export interface TableLayout {
    hLineWidth?: (line: number, node: { table: { body: unknown[] } }) => number;
    vLineWidth?: (line: number) => number;
    hLineColor?: () => string;
    vLineColor?: () => string;
    paddingLeft?: () => number;
    paddingRight?: () => number;
    paddingTop?: () => number;
    paddingBottom?: () => number;
  }

  export interface DocumentDefinition {
    content: Content[];
    pageSize: 'A4';
    pageMargins: Margins;
    language: string;
    displayTitle: boolean;
    version: '1.7';
    info: { title: string; author: string; subject: string; keywords: string; creator: string; creationDate: Date };
    defaultStyle: TextStyle & { font: string };
    styles: Record<string, TextStyle>;
    footer: (page: number, pages: number) => Content;
    watermark?: { text: string; color: string; opacity: number; bold: boolean };
  }

  const pdfmake: {
    virtualfs: { writeFileSync(name: string, content: Buffer): void };
    setFonts(fonts: Record<string, { normal: string; bold: string }>): void;
    addTableLayouts(layouts: Record<string, TableLayout>): void;
    setUrlAccessPolicy(allows: (url: string) => boolean): void;
    setLocalAccessPolicy(allows: (path: string) => boolean): void;
    createPdf(definition: DocumentDefinition): { getBuffer(): Promise<Buffer> };
  };
  export default pdfmake;
}

declare module 'fontkit' {
  export function create(file: Buffer): { hasGlyphForCodePoint(codePoint: number): boolean };
}
