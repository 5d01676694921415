import type { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DomainError } from '#libs/kernel';

/** What can be fetched in parts: its length, and a strong entity tag. */
interface Fetched {
  readonly bytes: number;
  readonly tag: string;
}

/** The first and the last byte that are wanted. */
interface Part {
  readonly first: number;
  readonly last: number;
}

/**
 * The part that a request wants (RFC 9110, 14.2), or all of it where it names none, several, or one of other bytes than these:
 * a server may always send the whole.
 * @throws DomainError REQUEST.RANGE_NOT_SATISFIABLE, with the length in `Content-Range`
 */
export function partOf(request: Request, response: Response, { bytes, tag }: Fetched): Part | undefined {
  const wanted = request.headers['if-range'];
  const ranges = wanted === undefined || wanted === tag ? request.range(bytes, { combine: true }) : undefined;
  if (ranges === -1) {
    response.setHeader('content-range', `bytes */${bytes}`);
    throw new DomainError('REQUEST.RANGE_NOT_SATISFIABLE');
  }
  if (typeof ranges !== 'object' || ranges.type !== 'bytes' || ranges.length !== 1) return undefined;
  const [{ start, end }] = ranges as unknown as [{ start: number; end: number }];
  return { first: start, last: end };
}

/** Answers 206 with a part and 200 with the whole. */
export function sendPart(
  response: Response,
  { bytes, tag }: Fetched,
  { part, type, body }: { part: Part | undefined; type: string; body: Readable },
): StreamableFile {
  response.set({ 'accept-ranges': 'bytes', etag: tag });
  if (!part) return new StreamableFile(body, { type, length: bytes });
  const { first, last } = part;
  response.status(206).set('content-range', `bytes ${first}-${last}/${bytes}`);
  return new StreamableFile(body, { type, length: last - first + 1 });
}
