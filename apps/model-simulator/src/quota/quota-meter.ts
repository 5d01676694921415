import type { Quota } from './quota-settings.ts';
import { TokenBucket } from './token-bucket.ts';

const MINUTE_MS = 60_000;

/** What one model in one region was asked for and gave. */
export interface QuotaState {
  readonly granted: Quota;
  readonly factor: number;
  /** null: no such limit. */
  readonly left: { readonly requests: number | null; readonly tokens: number | null };
  readonly calls: number;
  readonly throttledCalls: number;
  readonly servedQuotaTokens: number;
}

/** What a call burns when it has ended. */
export interface Burned {
  readonly inputTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
}

/** Bedrock's quota rule for one model in one region: taken at the start of a call, made right at its end. */
export class QuotaMeter {
  private readonly requests: TokenBucket | undefined;
  private readonly tokens: TokenBucket | undefined;
  private factor = 1;
  private calls = 0;
  private throttledCalls = 0;
  private servedQuotaTokens = 0;

  constructor(
    private readonly quota: Quota,
    private readonly now: () => number,
  ) {
    const bucket = (perMinute: number | undefined) =>
      perMinute === undefined ? undefined : new TokenBucket(perMinute / MINUTE_MS, quota.windowMs, now());
    this.requests = bucket(quota.requestsPerMinute);
    this.tokens = bucket(quota.tokensPerMinute);
  }

  /**
   * Takes one request and `tokens`, or nothing.
   * @returns what settles the call when it ends, or undefined when it is throttled
   */
  take(tokens: number): ((burned: Burned) => void) | undefined {
    const now = this.now();
    this.calls += 1;
    if (this.requests?.holds(1, now) === false || this.tokens?.holds(tokens, now) === false) {
      this.throttledCalls += 1;
      return undefined;
    }
    this.requests?.add(-1, now);
    this.tokens?.add(-tokens, now);
    return ({ inputTokens, cacheWriteTokens, outputTokens }) => {
      const burned = inputTokens + cacheWriteTokens + outputTokens * this.quota.outputBurnDown;
      this.servedQuotaTokens += burned;
      this.tokens?.add(tokens - burned, this.now());
    };
  }

  /** Counts a call that a fault throttles, whatever is left. */
  refuse(): undefined {
    this.calls += 1;
    this.throttledCalls += 1;
  }

  scale(factor: number): void {
    const { requestsPerMinute = 0, tokensPerMinute = 0 } = this.quota;
    this.factor = factor;
    this.requests?.setRate((requestsPerMinute * factor) / MINUTE_MS, this.now());
    this.tokens?.setRate((tokensPerMinute * factor) / MINUTE_MS, this.now());
  }

  state(): QuotaState {
    const now = this.now();
    return {
      granted: this.quota,
      factor: this.factor,
      left: { requests: this.requests?.at(now) ?? null, tokens: this.tokens?.at(now) ?? null },
      calls: this.calls,
      throttledCalls: this.throttledCalls,
      servedQuotaTokens: this.servedQuotaTokens,
    };
  }
}
