import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { isId } from '#libs/kernel';

/** The head of one chain at one moment, written down where the database's owner cannot reach it. */
export interface Anchor {
  readonly tenantId: string;
  readonly sequence: number;
  /** Hexadecimal SHA-256 of that entry. */
  readonly hash: string;
  readonly anchoredAt: string;
}

/** One line as read. `anchor` is null for a line that a crash cut short; the line after it still vouches for it. */
export interface AnchorLine {
  readonly number: number;
  readonly anchor: Anchor | null;
  /** False when a line before this one was changed, removed or put in. */
  readonly linked: boolean;
}

const FIRST = createHash('sha256').update('moyai.anchors').digest('hex');
const NEWLINE = 0x0a;

/**
 * An append-only file of JSON Lines, each carrying the hash of the line before it. Only lines cut off the end go unnoticed,
 * so operators copy the file to storage that cannot be rewritten.
 */
export class AnchorFile {
  private offset = 0;
  private lines = 0;
  private last = FIRST;

  constructor(private readonly path: string) {}

  /**
   * Reads the lines appended since the last call, all of them the first time, in constant memory.
   * A line without its line feed is left for later. A file that does not exist has no lines.
   */
  async *read(): AsyncGenerator<AnchorLine> {
    let rest: Buffer = Buffer.alloc(0);
    try {
      for await (const chunk of createReadStream(this.path, { start: this.offset }) as AsyncIterable<Buffer>) {
        rest = Buffer.concat([rest, chunk]);
        for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
          const line = rest.subarray(0, end);
          rest = rest.subarray(end + 1);
          this.offset += end + 1;
          yield this.take(line);
        }
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  /** Appends after everything {@link read} has given, and returns once it is on the disk. */
  async append(anchors: readonly Anchor[]): Promise<void> {
    const file = await open(this.path, 'a', 0o600);
    try {
      const { size } = await file.stat();
      const cutShort = size > this.offset;
      let last = cutShort ? await hashFrom(this.path, this.offset) : this.last;
      // A line that a crash cut short must not run into ours.
      let text = cutShort ? '\n' : '';
      for (const anchor of anchors) {
        const line = JSON.stringify({ ...anchor, previous: last });
        last = sha256(line);
        text += `${line}\n`;
      }
      await file.appendFile(text);
      await file.sync();
      this.last = last;
      this.offset = size + Buffer.byteLength(text);
    } finally {
      await file.close();
    }
  }

  private take(line: Buffer): AnchorLine {
    const previous = this.last;
    this.last = sha256(line);
    this.lines += 1;
    const { anchor, said } = parse(line);
    return { number: this.lines, anchor, linked: anchor === null || said === previous };
  }
}

const sha256 = (line: Buffer | string): string => createHash('sha256').update(line).digest('hex');

async function hashFrom(path: string, start: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { start }) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

function parse(line: Buffer): { anchor: Anchor | null; said: unknown } {
  try {
    const { previous, ...anchor } = JSON.parse(line.toString()) as Anchor & { previous: unknown };
    return { anchor: isAnchor(anchor) ? anchor : null, said: previous };
  } catch {
    return { anchor: null, said: undefined };
  }
}

const isAnchor = (value: Anchor): boolean =>
  isId(value.tenantId) &&
  Number.isSafeInteger(value.sequence) &&
  typeof value.hash === 'string' &&
  /^[0-9a-f]{64}$/.test(value.hash);
