import type { TableLayout, TextStyle } from 'pdfmake';

const INK = '#1a1a1c';
const RULE = '#949494';

export const STYLES: Record<string, TextStyle> = {
  title: { fontSize: 20, bold: true, alignment: 'center', characterSpacing: 6, margin: [0, 0, 0, 10] },
  recipient: { fontSize: 13, bold: true, margin: [0, 2, 0, 0] },
  heading: { fontSize: 12, bold: true, margin: [0, 0, 0, 6] },
  subheading: { fontSize: 10, bold: true, margin: [0, 10, 0, 4] },
  total: { fontSize: 18, bold: true },
  head: { bold: true, fontSize: 7.5, fillColor: '#f1f1f4' },
  cell: { fontSize: 8.5 },
  small: { fontSize: 7.5 },
  note: { fontSize: 7.5, margin: [0, 2, 0, 0] },
  footer: { fontSize: 7, color: '#626264' },
};

const padding = {
  paddingLeft: () => 4,
  paddingRight: () => 4,
  paddingTop: () => 3,
  paddingBottom: () => 2,
};

export const LAYOUTS: Record<string, TableLayout> = {
  /** Thin rules all around, as ledgers have. */
  ledger: {
    hLineWidth: (line, node) => (line === 0 || line === node.table.body.length ? 0.9 : 0.4),
    vLineWidth: () => 0.4,
    hLineColor: () => RULE,
    vLineColor: () => RULE,
    ...padding,
  },
  /** The amount to pay, between two strong rules. */
  claim: {
    hLineWidth: (line, node) => (line === 0 || line === node.table.body.length ? 1.5 : 0),
    vLineWidth: () => 0,
    hLineColor: () => INK,
    ...padding,
  },
  /** Names and values without rules. */
  facts: { hLineWidth: () => 0, vLineWidth: () => 0, ...padding, paddingLeft: () => 0, paddingTop: () => 1 },
};
