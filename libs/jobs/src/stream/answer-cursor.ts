import { type Hash, createHash } from 'node:crypto';
import type { JobEvent } from '../job.ts';

type Delta = Extract<JobEvent, { type: 'delta' }>;

interface Held {
  readonly offset: number;
  readonly digest: string;
}

const DIGEST_CHARACTERS = 16;

/** Of UTF-16 in one delta: what a reader that reads nothing makes its process hold, whatever was written meanwhile. */
const LARGEST_DELTA = 16_384;

/**
 * How far a reader has come in an answer. The resume token is the offset with a hash of all text before it, so that any
 * process can tell, from the answer alone, whether what the reader holds is the beginning of it: then the reader goes on
 * without gap or repeat, also when another execution wrote the same words. Otherwise the answer starts again at 0.
 */
export class AnswerCursor {
  private offset = 0;
  private hash: Hash = createHash('sha256');
  /** What the reader holds but was not yet compared with the answer. */
  private held: Held | null;

  constructor(
    resumeToken?: string,
    private readonly largestDelta = LARGEST_DELTA,
  ) {
    const [, offset, digest] = /^(\d{1,9})\.([0-9a-f]{16})$/.exec(resumeToken ?? '') ?? [];
    this.held = offset && digest ? { offset: Number(offset), digest } : null;
  }

  /** The answer is being written anew; what the reader holds must be compared again. */
  restart(): void {
    if (!this.held && this.offset > 0) this.held = { offset: this.offset, digest: this.digest() };
    this.rewind();
  }

  /**
   * The next delta for this reader, or null when there is nothing new. A long rest comes as several.
   * @param final the answer will not grow any more
   */
  take(answer: string, final: boolean): Delta | null {
    let replaces = false;
    if (this.held) {
      if (answer.length < this.held.offset && !final) return null;
      replaces = !this.matches(answer, this.held);
      if (!replaces) this.advance(answer.slice(0, this.held.offset));
      this.held = null;
    }
    if (answer.length === this.offset && !replaces) return null;
    const delta = { type: 'delta' as const, offset: this.offset, text: this.nextOf(answer) };
    this.advance(delta.text);
    return { ...delta, resumeToken: `${this.offset}.${this.digest()}` };
  }

  private nextOf(answer: string): string {
    const end = this.offset + this.largestDelta;
    // Half a surrogate pair is no text.
    const splits = (answer.codePointAt(end - 1) ?? 0) > 0xffff;
    const next = answer.slice(this.offset, splits ? end + 1 : end);
    // A slice keeps the whole answer it was cut from in memory, for as long as a reader does not take it. Its copy does not.
    return Buffer.from(next, 'utf16le').toString('utf16le');
  }

  private matches(answer: string, { offset, digest }: Held): boolean {
    return (
      answer.length >= offset &&
      createHash('sha256').update(answer.slice(0, offset), 'utf16le').digest('hex').startsWith(digest)
    );
  }

  private advance(text: string): void {
    this.hash.update(text, 'utf16le');
    this.offset += text.length;
  }

  private rewind(): void {
    this.offset = 0;
    this.hash = createHash('sha256');
  }

  private digest(): string {
    return this.hash.copy().digest('hex').slice(0, DIGEST_CHARACTERS);
  }
}
