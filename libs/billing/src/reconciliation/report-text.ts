import { type Hash, createHash } from 'node:crypto';
import { type Duplex, PassThrough, Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DomainError } from '#libs/kernel';
import { REPORT_LIMITS, refused } from './cost-report.ts';

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

const tooLarge = (): DomainError =>
  new DomainError('RECONCILIATION.FILE_TOO_LARGE', {
    detail: 'ファイルは 256 MB（展開後 8 GB）までです。Bedrock の明細に絞って出力してください。',
  });

async function* counted(bytes: AsyncIterable<Uint8Array>, most: number, hash: Hash): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const piece of bytes) {
    length += piece.length;
    if (length > most) throw tooLarge();
    hash.update(piece);
    yield piece;
  }
}

/** The first two bytes tell whether the rest is packed, however the network has cut it. */
async function peek(pieces: AsyncGenerator<Uint8Array>): Promise<{ start: Buffer; rest: AsyncGenerator<Uint8Array> }> {
  let start = Buffer.alloc(0);
  while (start.length < 2) {
    const { value, done } = await pieces.next();
    if (done) break;
    start = Buffer.concat([start, value]);
  }
  return { start, rest: pieces };
}

/** UTF-8 or nothing: a character that became another one would make a usage type that nobody knows. */
function decodeUtf8(): Transform {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  let length = 0;
  const decode = (piece: Uint8Array | undefined): string => {
    try {
      const text = decoder.decode(piece, { stream: piece !== undefined });
      line += text.split('\n').length - 1;
      return text;
    } catch (cause) {
      const seen = piece ? new TextDecoder().decode(piece).split('�', 1)[0]! : '';
      const place = line + seen.split('\n').length - 1;
      throw Object.assign(
        refused('RECONCILIATION.FILE_UNREADABLE', place, null, 'UTF-8 として読み取れない文字があります。'),
        { cause },
      );
    }
  };
  const settle = (piece: Uint8Array | undefined, done: (error: Error | null, text?: string) => void): void => {
    length += piece?.length ?? 0;
    // Against a small file that unpacks to an endless one
    if (length > REPORT_LIMITS.unpackedBytes) return done(tooLarge());
    try {
      done(null, decode(piece));
    } catch (error) {
      done(error as Error);
    }
  };
  return new Transform({
    readableObjectMode: false,
    encoding: 'utf8',
    transform: (piece: Uint8Array, _, done) => settle(piece, done),
    flush: (done) => settle(undefined, done),
  });
}

export interface ReportText {
  readonly bytes: Readable;
  /** To be piped through, in this order. */
  readonly unpack: Duplex;
  readonly decode: Transform;
  /** Of the bytes as they were sent; to be asked for at their end. */
  sha256(): Buffer;
}

/** Opens a report file, packed with gzip or not, without ever holding it whole. */
export async function openReport(file: AsyncIterable<Uint8Array>): Promise<ReportText> {
  const hash = createHash('sha256');
  const { start, rest } = await peek(counted(file, REPORT_LIMITS.bytes, hash));
  async function* whole() {
    yield start;
    yield* rest;
  }
  return {
    bytes: Readable.from(whole(), { objectMode: false }),
    unpack: isGzip(start) ? createGunzip() : new PassThrough(),
    decode: decodeUtf8(),
    sha256: () => hash.digest(),
  };
}
