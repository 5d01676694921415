import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import { DomainError } from '#libs/kernel';
import { TABLE_LIMITS } from '#libs/table-reader';
import { z } from 'zod';
import type { ApiRequest } from './api-request.ts';

/** Bodies that these routes take as they are, instead of JSON. What a file is, its bytes say. */
const FILE_ROUTES: Readonly<Record<string, RegExp>> = {
  POST: /^\/api\/(?:v1\/batches|finance\/v1\/(?:cost-reports|usage-imports))\/?$/,
  PUT: /^\/api\/v1\/roster-imports\/[^/]+\/files\/[^/]+\/?$/,
};

export const takesFile = ({ method, path }: Pick<ApiRequest, 'method' | 'path'>): boolean =>
  FILE_ROUTES[method]?.test(path) ?? false;

/** A file's name, percent-encoded because headers are ASCII. */
export const fileName = z
  .string()
  .max(3_000)
  .optional()
  .transform((encoded, context) => {
    try {
      return decodeURIComponent(encoded ?? '').trim() || '無題';
    } catch {
      context.addIssue({ code: 'custom', message: 'ファイル名はパーセントエンコーディングで送信してください。' });
      return z.NEVER;
    }
  })
  .refine((name) => name.length <= 255 && !/\p{Cc}/u.test(name), 'ファイル名は255文字までです。');

const tooLarge = (): DomainError =>
  new DomainError('BATCHES.FILE_TOO_LARGE', { detail: 'ファイルは 20 MB までです。' });

/**
 * The body as a file, read only once it is known who sends it.
 * @throws DomainError BATCHES.FILE_TOO_LARGE, REQUEST.UNSUPPORTED_MEDIA_TYPE for JSON, a form or a compressed body
 */
export const FileBody = createParamDecorator(async (_: unknown, context: ExecutionContext): Promise<Uint8Array> => {
  const request = fileRequest(context, 'CSV または XLSX のファイルを、そのまま本文として送信してください。');
  if (Number(request.get('content-length') ?? 0) > TABLE_LIMITS.bytes) throw tooLarge();
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > TABLE_LIMITS.bytes) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
});

/**
 * The body as a file that is read as it arrives, for those that may be larger than memory. Whoever reads it bounds it.
 * @throws DomainError REQUEST.UNSUPPORTED_MEDIA_TYPE for JSON, a form or a compressed body
 */
export const FileStream = createParamDecorator((_: unknown, context: ExecutionContext): AsyncIterable<Uint8Array> =>
  fileRequest(context, 'CSV または gzip で圧縮した CSV のファイルを、そのまま本文として送信してください。'),
);

function fileRequest(context: ExecutionContext, detail: string): ApiRequest {
  const request = context.switchToHttp().getRequest<ApiRequest>();
  if (request.is(['json', '+json', 'multipart/*', 'urlencoded']) || request.get('content-encoding') !== undefined)
    throw new DomainError('REQUEST.UNSUPPORTED_MEDIA_TYPE', { detail });
  return request;
}
