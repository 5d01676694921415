import { extractText } from 'unpdf';
import { describe, expect, it } from 'vitest';
import type { InvoiceDocument } from '../../invoice-document.ts';
import { creditNote, draftInvoice, issuedInvoice, twoRates } from '../invoice.fixture.ts';
import { figure, percent, wareki, warekiMonth, warekiYear } from './figures.ts';
import { printable } from './fonts.ts';
import { invoicePdf } from './invoice-pdf.ts';

describe('an invoice as PDF', () => {
  it('is the same file whenever it is printed again, and another file when a yen differs', async () => {
    const first = await invoicePdf(issuedInvoice);
    expect(await invoicePdf(structuredClone<InvoiceDocument>(issuedInvoice))).toEqual(first);
    expect(await invoicePdf({ ...issuedInvoice, totalJpy: 343_231 })).not.toEqual(first);
  });

  it('shows every item of a qualified invoice', async () => {
    const text = await textOf(issuedInvoice);
    for (const item of [
      '株式会社もやい情報サービス',
      'T7000012050002',
      'M2026-000123',
      '令和8年11月4日',
      '令和8年12月4日',
      '葛城飛鳥市長　様',
      '生成AI利用料 超過分',
      '10%対象',
      '312,028',
      '31,202',
      '￥343,230',
    ])
      expect(text).toContain(plain(item));
  });

  it('has the allocation sheet, the usage and what it was rated by behind it', async () => {
    const text = await textOf(issuedInvoice);
    for (const item of ['配賦表', '03-02-01 児童福祉総務費', '利用明細', '45,678,901', '152.35', '3 / 3 ページ'])
      expect(text).toContain(plain(item));
  });

  it('marks the reduced rate, and says what the mark means', async () => {
    const text = await textOf(twoRates);
    for (const item of ['8%※', '8%対象（軽減税率）※', '※は軽減税率対象品目です。', '10%対象'])
      expect(text).toContain(plain(item));
  });

  it('names the invoice a credit note takes back from', async () => {
    const text = await textOf(creditNote);
    for (const item of ['返還請求書', 'M2026-000123（令和8年11月4日発行）', '￥△1,105'])
      expect(text).toContain(plain(item));
    expect(text).not.toContain('お振込先');
  });

  it('is marked as a draft, and has no number, until it is issued', async () => {
    const text = await textOf(draftInvoice);
    expect(text).toContain('下書き');
    expect(text).toContain(plain('（未採番）'));
    expect(text).not.toContain('M2026');
    expect(await textOf(issuedInvoice)).not.toContain('下書き');
  });

  it('sets 〓 for a character no font has, and says where the right one is', async () => {
    const text = await textOf(named('\u{E000}野市'));
    expect(text).toContain('〓野市');
    expect(text).toContain('外字');
    expect(await textOf(issuedInvoice)).not.toContain('外字');
  });

  it('embeds only the characters it uses, and names no other font', async () => {
    const file = (await invoicePdf(issuedInvoice)).toString('latin1');
    expect(new Set(file.match(/\/BaseFont \/\S+/g))).toEqual(
      new Set([
        expect.stringMatching(/\/[A-Z]{6}\+NotoSansJP-Regular$/),
        expect.stringMatching(/\/[A-Z]{6}\+NotoSansJP-Bold$/),
      ]),
    );
    expect(file.match(/\/FontFile2 /g)).toHaveLength(2);
    expect(file.length).toBeLessThan(150_000);
  });
});

describe('printed text', () => {
  it('keeps rare characters, and takes a variant in its common shape', () => {
    expect(printable('髙﨑𠮷野 葛\u{E0100}城')).toBe('髙﨑𠮷野 葛城');
    expect(printable('a\tb\u0000\u200Bc\u2028d')).toBe('a b  c d');
  });

  it('breaks what offers no place to, so that no figure is pushed off the page', () => {
    expect(printable('A'.repeat(40))).toBe(`${'A'.repeat(18)}\n${'A'.repeat(18)}\nAAAA`);
    expect(printable('総務部情報政策課'.repeat(5))).not.toContain('\n');
  });

  it('writes figures and days as Japanese accounts do', () => {
    expect([0, -1_234_567, '0.000500', '-12345.60', '3.300000'].map(figure)).toEqual([
      '0',
      '△1,234,567',
      '0.0005',
      '△12,345.6',
      '3.3',
    ]);
    expect(() => figure('1e3')).toThrow(TypeError);
    expect([wareki('2026-11-04'), warekiMonth('2026-01'), warekiYear(2026)]).toEqual([
      '令和8年11月4日',
      '令和8年1月分',
      '令和8年度',
    ]);
    expect(['0.1', '0.08', '0.075'].map(percent)).toEqual(['10%', '8%', '7.5%']);
  });
});

const named = (name: string): InvoiceDocument => ({
  ...issuedInvoice,
  recipient: { ...issuedInvoice.recipient, name },
});

/** What a reader can copy out of the pages. */
async function textOf(document: InvoiceDocument): Promise<string> {
  const { text } = await extractText(new Uint8Array(await invoicePdf(document)), { mergePages: true });
  return plain(text);
}

/** Without what a PDF does not keep: blanks, and the width of brackets. */
const plain = (text: string): string => text.normalize('NFKC').replace(/\s/g, '');
