import { createHash } from 'node:crypto';
import { getMeta } from 'unpdf';
import { afterEach, describe, expect, it } from 'vitest';
import type { InvoiceDocument } from '../invoice-document.ts';
import { creditNote, draftInvoice, issuedInvoice } from './invoice.fixture.ts';
import { INVOICE_FORMATS, InvoiceFiles } from './invoice-files.ts';
import { InvoicePress } from './invoice-press.ts';

const press = new InvoicePress();
const files = new InvoiceFiles(press);
afterEach(() => press.onModuleDestroy());

describe('the files of an invoice', () => {
  it('are named so that they sort and explain themselves', async () => {
    const written = INVOICE_FORMATS.map((format) => files.write(issuedInvoice, format, 'lines'));
    expect((await Promise.all(written)).map(({ name }) => name)).toEqual([
      '請求書_M2026-000123_292010_2026-10.pdf',
      '請求書_M2026-000123_292010_2026-10_明細.csv',
      '請求書_M2026-000123_292010_2026-10.xlsx',
      '請求書_M2026-000123_292010_2026-10.json',
      '請求書_M2026-000123_292010_2026-10.xml',
    ]);
    expect((await files.write(creditNote, 'xml', 'lines')).name).toMatch(/^返還請求書_/);
    expect((await files.write(draftInvoice, 'json', 'lines')).name).toMatch(/^請求書_下書き_/);
  });

  it('are the same bytes whenever they are taken', async () => {
    for (const format of INVOICE_FORMATS) {
      const first = await files.write(issuedInvoice, format, 'usage');
      const again = await files.write(structuredClone<InvoiceDocument>(issuedInvoice), format, 'usage');
      expect(Buffer.from(again.body).equals(first.body)).toBe(true);
    }
  });

  it('carry the hash by which page and data prove each other', async () => {
    const { body } = await files.write(issuedInvoice, 'json', 'lines');
    const pdf = await files.write(issuedInvoice, 'pdf', 'lines');
    const hash = createHash('sha256').update(body).digest('hex');
    const { info } = await getMeta(new Uint8Array(pdf.body));
    expect(info).toMatchObject({ Keywords: `sha256:${hash}` });
  });

  it('do not exist as a digital invoice before it is issued', async () => {
    await expect(files.write(draftInvoice, 'xml', 'lines')).rejects.toMatchObject({
      code: 'BILLING.INVOICE_NOT_ISSUED',
    });
  });
});

describe('the press', () => {
  it('prints what is asked for at once, each its own document', async () => {
    const printed = await Promise.all(
      [issuedInvoice, draftInvoice, creditNote, issuedInvoice].map((one) => press.print(one)),
    );
    expect(printed.map((file) => Buffer.from(file.subarray(0, 5)).toString())).toEqual(Array(4).fill('%PDF-'));
    expect(Buffer.from(printed[3]!).equals(printed[0]!)).toBe(true);
    expect(new Set(printed.map(({ length }) => length)).size).toBe(3);
  });

  it('refuses one document without refusing the next, and starts again after it was stopped', async () => {
    const broken = { ...issuedInvoice, lines: [{ ...issuedInvoice.lines[0], quantity: 'much' }] };
    await expect(press.print(broken)).rejects.toThrow(TypeError);
    const stopped = press.print(issuedInvoice);
    await press.onModuleDestroy();
    await expect(stopped).rejects.toThrow('stopped');
    expect((await press.print(creditNote)).length).toBeGreaterThan(1_000);
  });

  it('lets nobody queue without end', async () => {
    const first = Array.from({ length: 32 }, () => press.print(creditNote));
    expect(() => press.print(creditNote)).toThrow(expect.objectContaining({ code: 'SYSTEM.UNAVAILABLE' }));
    await press.onModuleDestroy();
    expect((await Promise.allSettled(first)).map(({ status }) => status)).toEqual(Array(32).fill('rejected'));
  });
});
