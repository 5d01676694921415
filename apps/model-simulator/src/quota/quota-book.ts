import { QuotaMeter, type QuotaState } from './quota-meter.ts';
import { type Quota, type QuotasInput, quotaKey, quotasSchema } from './quota-settings.ts';

const UNLIMITED: Quota = { outputBurnDown: 1, windowMs: 60_000 };

export interface QuotaOverview {
  readonly items: readonly ({ readonly key: string } & QuotaState)[];
  readonly total: Pick<QuotaState, 'calls' | 'throttledCalls' | 'servedQuotaTokens'>;
}

/** The quotas of every model in every region, and what was served under them. */
export class QuotaBook {
  private meters = new Map<string, QuotaMeter>();

  /** @param now milliseconds that never go back */
  constructor(
    input: QuotasInput = {},
    private readonly now: () => number = () => performance.now(),
  ) {
    this.replace(input);
  }

  /** Sets all quotas anew, full, with every total at zero. A call that still runs settles with the quota it began under. */
  replace(input: QuotasInput): void {
    const quotas = Object.entries(quotasSchema.parse(input));
    this.meters = new Map(quotas.map(([key, quota]) => [key, new QuotaMeter(quota, this.now)]));
  }

  /** The meter of a model in a region; one that nobody set a quota for counts without limit. */
  meterOf(region: string, modelId: string): QuotaMeter {
    const key = quotaKey(region, modelId);
    let meter = this.meters.get(key);
    if (!meter) this.meters.set(key, (meter = new QuotaMeter(UNLIMITED, this.now)));
    return meter;
  }

  /** @returns the keys that have no meter; then nothing is scaled */
  scale(factors: ReadonlyMap<string, number>): string[] {
    const unknown = [...factors.keys()].filter((key) => !this.meters.has(key));
    if (unknown.length === 0) for (const [key, factor] of factors) this.meters.get(key)?.scale(factor);
    return unknown;
  }

  overview(): QuotaOverview {
    const items = [...this.meters].map(([key, meter]) => ({ key, ...meter.state() }));
    const total = (field: 'calls' | 'throttledCalls' | 'servedQuotaTokens') =>
      items.reduce((sum, item) => sum + item[field], 0);
    return {
      items,
      total: {
        calls: total('calls'),
        throttledCalls: total('throttledCalls'),
        servedQuotaTokens: total('servedQuotaTokens'),
      },
    };
  }
}
