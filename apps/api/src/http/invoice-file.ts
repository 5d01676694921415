import type { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { INVOICE_FORMATS, INVOICE_TABLES, type InvoiceDocument, type InvoiceFile, focusTable } from '#libs/billing';
import { csvStream } from '#libs/spreadsheet';

/** `document.pdf` and its brothers: the end of the name says the format. */
export const documentParams = z.strictObject({ id: z.uuid(), format: z.enum(INVOICE_FORMATS) });
/** Which table a CSV holds; the other formats hold all of them. */
export const documentQuery = z.strictObject({ table: z.enum(INVOICE_TABLES).default('lines') });

const BINARY = { schema: { type: 'string', format: 'binary' } } as const;

export const CSV = 'text/csv; charset=utf-8';
export const CSV_ANSWER = { content: { 'text/csv': BINARY } };
export const ZIP_ANSWER = { content: { 'application/zip': BINARY } };
export const DOCUMENT_ANSWER = {
  content: {
    'application/pdf': BINARY,
    'text/csv': BINARY,
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': BINARY,
    'application/json': BINARY,
    'application/xml': BINARY,
  },
};

export function sendFile(response: Response, { name, type, body }: InvoiceFile): StreamableFile {
  response.attachment(name);
  return new StreamableFile(body, { type, length: body.length });
}

/** One invoice in FOCUS 1.2, whoever takes it out. */
export function sendFocus(response: Response, document: InvoiceDocument): StreamableFile {
  const name = `focus-${document.recipient.code}-${document.month}.csv`;
  return sendStream(response, name, CSV, csvStream(focusTable([document]), { bom: false }));
}

export function sendStream(response: Response, name: string, type: string, body: Readable): StreamableFile {
  response.attachment(name);
  return new StreamableFile(body, { type });
}
