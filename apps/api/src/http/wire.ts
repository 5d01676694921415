import { z } from 'zod';
import { DomainError, SEGMENTS, isId } from '#libs/kernel';

/** Shapes that many routes share. */
export const idParams = z.strictObject({ id: z.uuid() });
export const segmentSchema = z.enum(SEGMENTS);
export const instantSchema = z.iso.datetime();
export const nameSchema = z.string().trim().min(1).max(100);
export const loginIdSchema = z.string().trim().min(1).max(64);
/** A JST day, `YYYY-MM-DD`. */
export const daySchema = z.iso.date();
/** A JST month, `YYYY-MM`. */
export const monthSchema = z.string().regex(/^20\d{2}-(?:0[1-9]|1[0-2])$/);

/** The body of a PATCH: whichever fields are to change, at least one. */
export const changeOf = <Shape extends z.core.$ZodShape>(id: string, shape: Shape) =>
  z
    .strictObject(shape)
    .partial()
    .refine((change) => Object.keys(change).length > 0, '変更する項目がありません。')
    .meta({ id });

/** Dates as the wire has them. */
export const instant = (at: Date): string => at.toISOString();
export const instantOrNull = (at: Date | null): string | null => at && at.toISOString();

export const pageQuery = z.strictObject({
  cursor: z.string().max(400).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

export const pageOf = <Item extends z.ZodType>(id: string, item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() }).meta({ id });

/** Where a page ended, opaque to the client. */
const writeCursor = (after: string): string => Buffer.from(after).toString('base64url');

export const wrongCursor = (): DomainError =>
  new DomainError('REQUEST.INVALID', { faults: [{ pointer: '/cursor', message: '続きの位置が正しくありません。' }] });

/** @throws DomainError REQUEST.INVALID */
export function readCursor(cursor: string | undefined): string {
  const after = Buffer.from(cursor ?? '', 'base64url').toString();
  if (after.includes('\0') || writeCursor(after) !== (cursor ?? '')) throw wrongCursor();
  return after;
}

/** As {@link readCursor} for pages that end at an id; null for the first page. @throws DomainError REQUEST.INVALID */
export function readIdCursor(cursor: string | undefined): string | null {
  const after = readCursor(cursor);
  if (after !== '' && !isId(after)) throw wrongCursor();
  return after || null;
}

/** Makes a page of rows of which one more than `limit` was asked for. */
export function pageFrom<Row, Item>(
  rows: readonly Row[],
  limit: number,
  { after, present }: { after: (row: Row) => string; present: (row: Row) => Item },
): { items: Item[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  return { items: page.map(present), nextCursor: rows.length > limit ? writeCursor(after(page.at(-1)!)) : null };
}
