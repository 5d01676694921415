import { ClosedLoop, pause } from '../load/closed-loop.ts';
import { type Call, callMaker, GRANTED, type Kept, type Regions } from './regions.ts';

/** What one way made of the quota. */
export interface Goodput {
  /** Of the granted quota tokens, and those overdrawn, what calls burned whose answers were kept; 0 to 1. */
  readonly share: number;
  /** Of those who asked, who got no answer because the provider throttles. */
  readonly lost: number;
  /** Of the calls that reached the provider. */
  readonly throttled: number;
  readonly meanQuotaTokens: number;
}

/** Kept answers as they come. */
export class KeptAnswers {
  private readonly all: Kept[] = [];
  private readonly losses: number[] = [];

  readonly keep = (kept: Kept): void => void this.all.push(kept);

  lose(): void {
    this.losses.push(performance.now());
  }

  lostBetween(from: number, to: number): number {
    return this.losses.filter((at) => at >= from && at < to).length;
  }

  between(from: number, to: number): Kept[] {
    return this.all.filter(({ endedAt }) => endedAt >= from && endedAt < to);
  }

  /** Quota tokens a second that were worth it. */
  rate(from: number, to: number): number {
    return this.between(from, to).reduce((sum, { quotaTokens }) => sum + quotaTokens, 0) / ((to - from) / 1000);
  }
}

/** So many callers, each making one call after the other, those that come to nothing too. */
export function callers(
  count: number,
  call: (next: Call) => Promise<Kept | null>,
  answers: KeptAnswers,
): ClosedLoop<void> {
  const next = callMaker();
  return new ClosedLoop(count, async () => {
    const kept = await call(next());
    if (kept) answers.keep(kept);
    else answers.lose();
  });
}

/** What is made of the quota in a span from now on, after some time to find the pace. */
export async function goodputOf(
  answers: KeptAnswers,
  regions: Regions,
  { settleMs, measuredMs }: { settleMs: number; measuredMs: number },
): Promise<Goodput> {
  await pause(settleMs);
  const before = await regions.served();
  const from = performance.now();
  await pause(measuredMs);
  const to = performance.now();
  const after = await regions.served();
  const kept = answers.between(from, to);
  const lost = answers.lostBetween(from, to);
  const calls = after.calls - before.calls;
  const burned = kept.reduce((sum, { quotaTokens }) => sum + quotaTokens, 0);
  const granted = GRANTED * ((to - from) / 1000);
  const overdrawn = Math.max(0, before.tokensLeft - after.tokensLeft);
  return {
    share: burned / (granted + overdrawn),
    lost: lost / Math.max(1, lost + kept.length),
    throttled: calls === 0 ? 0 : (after.throttledCalls - before.throttledCalls) / calls,
    meanQuotaTokens: burned / Math.max(1, kept.length),
  };
}
