import { DomainError, type ErrorCode } from '#libs/kernel';
import type { ModelEvent, ModelProvider, ModelRequest, TokenUsage } from './model-provider.ts';
import { type ModelTimeouts, StreamDeadlines } from './stream-deadlines.ts';
import { estimateUsage } from './token-bounds.ts';

/** `provider`: what the provider counted. `estimated`: it never said, and {@link estimateUsage} stands in. */
export type UsageSource = 'provider' | 'estimated';

export type MeteredEvent =
  | Exclude<ModelEvent, { type: 'usage' }>
  | { readonly type: 'usage'; readonly usage: TokenUsage; readonly source: UsageSource };

/** The largest number of tokens that a call is recorded with. */
const MOST_TOKENS = 2 ** 31 - 1;

/** Whether a provider has counted: a city's own server may send usage without some number, or with one that is none. */
const isCounted = (usage: TokenUsage): boolean =>
  Object.values(usage).every((tokens) => Number.isInteger(tokens) && tokens >= 0 && tokens <= MOST_TOKENS);

/** Failures that say the model never began, so that there is nothing to meter. */
const NEVER_BEGAN: readonly ErrorCode[] = ['MODEL.THROTTLED', 'MODEL.UNAVAILABLE', 'MODEL.REFUSED'];

/**
 * One call of one model, metered. Iterating it yields text and finish as they come, then usage exactly once and last; a
 * call that failed after the model began yields its usage too, and only then throws.
 *
 * `leave` is how a reader goes away without losing the bill: nothing but usage is yielded from then on, while the
 * provider is read on to the event that carries it, within the drain bound. Ending the iteration instead (break, return)
 * closes the connection at once and yields nothing more.
 */
export class ModelCall implements AsyncIterable<MeteredEvent> {
  private readonly connection = new AbortController();
  private interrupt: ((reason: Error) => void) | undefined;
  private received = '';
  private usage: TokenUsage | undefined;
  private finished = false;

  constructor(
    private readonly provider: ModelProvider,
    private readonly request: ModelRequest,
    private readonly timeouts: ModelTimeouts,
    private readonly leave?: AbortSignal,
  ) {}

  /**
   * Runs the call; once per instance.
   * @throws DomainError MODEL.* after the usage of what was generated (if anything can have been) is yielded. A reader that
   * has left meets no error, nor does one that holds the finished answer: the call ends with usage, estimated if it must be.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<MeteredEvent, void, undefined> {
    // Whoever left before it began wants neither the answer nor its bill.
    if (this.leave?.aborted) return;
    const deadlines = new StreamDeadlines(this.timeouts, (reason) => this.close(reason));
    const startDrain = () => deadlines.startDrain();
    this.leave?.addEventListener('abort', startDrain, { once: true });
    let failure: unknown;
    try {
      for await (const event of this.events(deadlines)) if (!this.leave?.aborted) yield event;
      if (!this.finished) failure = new DomainError('MODEL.STREAM_BROKEN');
    } catch (error) {
      failure = error;
    } finally {
      deadlines.stop();
      this.leave?.removeEventListener('abort', startDrain);
    }
    if (this.mayHaveBegun(failure)) yield this.finalUsage();
    if (failure !== undefined && !this.finished && !this.leave?.aborted) throw failure;
  }

  /** The provider's events, each remembered; usage is kept for the end, and a repeated one replaces the one before. */
  private async *events(deadlines: StreamDeadlines): AsyncGenerator<Exclude<ModelEvent, { type: 'usage' }>> {
    const source = this.provider.stream(this.request, this.connection.signal)[Symbol.asyncIterator]();
    let open = true;
    try {
      for (;;) {
        // A deadline may have passed while the reader was busy with the event before.
        this.connection.signal.throwIfAborted();
        const { done, value: event } = await this.next(source);
        if (done) {
          open = false;
          return;
        }
        deadlines.progress();
        if (event.type === 'usage') {
          if (isCounted(event.usage)) this.usage = event.usage;
          continue;
        }
        if (event.type === 'text') this.received += event.text;
        else this.finished = true;
        yield event;
      }
    } finally {
      // A stream read to its end left a connection worth keeping alive; any other is closed. Not awaited: a provider that
      // heeds no signal may never settle, and what it says now changes nothing.
      if (open) {
        this.connection.abort();
        source.return?.().catch(() => {});
      }
    }
  }

  /** The next event, or the rejection that a deadline forces even on a provider that does not heed the abort signal. */
  private next(source: AsyncIterator<ModelEvent>): Promise<IteratorResult<ModelEvent>> {
    return new Promise((resolve, reject) => {
      this.interrupt = reject;
      source.next().then(resolve, reject);
    });
  }

  private close(reason: Error): void {
    this.interrupt?.(reason);
    this.connection.abort(reason);
  }

  private mayHaveBegun(failure: unknown): boolean {
    if (failure === undefined || this.received !== '' || this.usage !== undefined) return true;
    return !(failure instanceof DomainError && NEVER_BEGAN.includes(failure.code));
  }

  private finalUsage(): MeteredEvent {
    if (this.usage) return { type: 'usage', usage: this.usage, source: 'provider' };
    const sent = [...(this.request.system ?? []).map((content) => ({ content })), ...this.request.messages];
    const usage = estimateUsage(sent, this.received, this.request.maxTokens);
    return { type: 'usage', usage, source: 'estimated' };
  }
}
