/** Calls kept; the oldest go first. It holds no content, so this is about 60 MB at most. */
const KEPT_CALLS = 200_000;

export type CallState = 'running' | 'completed' | 'aborted' | 'cut' | 'throttled' | 'failed';

/** Refused before the model worked: it used nothing, and is in no log and on no bill. */
export const neverBegan = (state: CallState): boolean => state === 'throttled' || state === 'failed';

/** One call as the simulator saw it: the truth that a meter is compared with. */
export interface LedgerEntry {
  readonly callId: string | null;
  readonly requestId: string;
  readonly protocol: 'bedrock' | 'openai';
  readonly region: string;
  readonly modelId: string;
  readonly streamed: boolean;
  /** As sent; null when the caller left it out. */
  readonly maxTokens: number | null;
  /** Neither read from a cache nor written to one; the three together are what was sent. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Tokens generated until the end, or until the client left. */
  outputTokens: number;
  state: CallState;
  readonly startedAt: string;
  finishedAt: string | null;
}

export type LedgerOpening = Omit<LedgerEntry, 'outputTokens' | 'state' | 'startedAt' | 'finishedAt'>;

/** The kinds of tokens, which never overlap. */
type TokenField = 'inputTokens' | 'cacheReadTokens' | 'cacheWriteTokens' | 'outputTokens';

export interface LedgerStats {
  readonly calls: number;
  readonly inFlight: number;
  readonly maxInFlight: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
}

/** The simulator's own record of every call it took. */
export class Ledger {
  private entries: LedgerEntry[] = [];
  private calls = 0;
  private inFlight = 0;
  private maxInFlight = 0;

  begin(opening: LedgerOpening): LedgerEntry {
    const entry: LedgerEntry = {
      ...opening,
      outputTokens: 0,
      state: 'running',
      startedAt: new Date().toISOString(),
      finishedAt: null,
    };
    this.entries.push(entry);
    if (this.entries.length > KEPT_CALLS * 1.1) this.entries = this.entries.slice(-KEPT_CALLS);
    this.calls += 1;
    this.inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    return entry;
  }

  finish(entry: LedgerEntry, state: Exclude<CallState, 'running'>): void {
    entry.state = state;
    entry.finishedAt = new Date().toISOString();
    this.inFlight -= 1;
  }

  /** Entries in the order they began. `since` is an ISO-8601 instant, inclusive. */
  list(since?: string): LedgerEntry[] {
    return since === undefined ? [...this.entries] : this.entries.filter(({ startedAt }) => startedAt >= since);
  }

  /** Every attempt that carried a call id. */
  attemptsOf(callId: string): LedgerEntry[] {
    return this.entries.filter((entry) => entry.callId === callId);
  }

  stats(): LedgerStats {
    const total = (field: TokenField) =>
      this.entries.reduce((sum, entry) => sum + (neverBegan(entry.state) ? 0 : entry[field]), 0);
    return {
      calls: this.calls,
      inFlight: this.inFlight,
      maxInFlight: this.maxInFlight,
      inputTokens: total('inputTokens'),
      cacheReadTokens: total('cacheReadTokens'),
      cacheWriteTokens: total('cacheWriteTokens'),
      outputTokens: total('outputTokens'),
    };
  }

  /** Forgets what has finished; calls in flight stay. */
  reset(): void {
    this.entries = this.entries.filter(({ state }) => state === 'running');
    this.calls = this.inFlight;
    this.maxInFlight = this.inFlight;
  }
}
