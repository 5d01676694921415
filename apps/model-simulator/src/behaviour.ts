import { z } from 'zod';

const milliseconds = z.number().min(0).max(3_600_000);
/** Counts whole frames sent before the fault: 0 is before the first one. null never happens. */
const afterFrames = z.int().min(0).nullable();
const share = z.number().min(0).max(1);

const traitsSchema = z.strictObject({
  /** Wait before the first frame. */
  firstTokenDelayMs: milliseconds,
  /** Wait per token after the first delta. */
  tokenDelayMs: milliseconds,
  tokensPerDelta: z.int().min(1).max(10_000),
  /** Every wait varies by up to this part of itself, by the seed. */
  jitter: z.number().min(0).max(1),
  seed: z.int().min(0),
  throttleEveryNth: z.int().min(1).nullable(),
  throttleRate: share,
  /** How many calls are refused with 500 or 503 before they begin; which, chance decides. */
  failRate: share,
  /** Closes the connection between two frames. */
  cutAtFrame: afterFrames,
  /** Closes the connection in the middle of the next frame. */
  cutMidFrame: afterFrames,
  /** Ends the stream with the protocol's error. */
  errorAtFrame: afterFrames,
  /** What that error says: the model's own, or the service's. */
  errorStatus: z.literal([424, 500, 503]),
  /** Falls silent with the connection open. */
  stallAtFrame: afterFrames,
  /** Falls silent before the response head. */
  stallBeforeFirstToken: z.boolean(),
  /** Stops the answer after so many tokens, as a model's safety filter does. */
  filterAtToken: z.int().min(0).nullable(),
  /** How much of the input is read from a prompt cache, in whole tokens. */
  cacheReadShare: share,
  /** How much of what is not read is written to one; a protocol without a word for that has it as plain input. */
  cacheWriteShare: share,
  omitUsage: z.boolean(),
  repeatUsage: z.boolean(),
  /** How many of the calls meet the fault; at which frame, chance decides too. */
  cutRate: share,
  errorRate: share,
  stallRate: share,
  firstTokenStallRate: share,
  omitUsageRate: share,
  repeatUsageRate: share,
});

export type Traits = z.infer<typeof traitsSchema>;

/** How the simulator behaves: traits for every model, and what differs for single ones ("<modelId>", "<region>/<modelId>"). */
export const behaviourSchema = traitsSchema.extend({ models: z.record(z.string(), traitsSchema.partial()) }).partial();
export type BehaviourInput = z.input<typeof behaviourSchema>;
type Behaviour = Traits & { models: Record<string, Partial<Traits>> };

/** A pace pleasant to watch: an answer of 300 tokens takes under three seconds. */
const PLEASANT: Behaviour = {
  firstTokenDelayMs: 150,
  tokenDelayMs: 8,
  tokensPerDelta: 3,
  jitter: 0.3,
  seed: 1,
  throttleEveryNth: null,
  throttleRate: 0,
  failRate: 0,
  cutAtFrame: null,
  cutMidFrame: null,
  errorAtFrame: null,
  errorStatus: 424,
  stallAtFrame: null,
  stallBeforeFirstToken: false,
  filterAtToken: null,
  cacheReadShare: 0,
  cacheWriteShare: 0,
  omitUsage: false,
  repeatUsage: false,
  cutRate: 0,
  errorRate: 0,
  stallRate: 0,
  firstTokenStallRate: 0,
  omitUsageRate: 0,
  repeatUsageRate: 0,
  models: {},
};

/**
 * The behaviour in force. It is set from outside only; nothing in a prompt can change it. Chance is seeded and starts anew
 * with each setting, so that a run can be replayed.
 */
export class BehaviourControl {
  private readonly standard: Behaviour;
  private behaviour: Behaviour;
  private random: () => number;
  private calls = 0;

  constructor(input: BehaviourInput = {}) {
    this.standard = { ...PLEASANT, ...input };
    this.behaviour = this.standard;
    this.random = seeded(this.behaviour.seed);
  }

  get current(): Behaviour {
    return this.behaviour;
  }

  /** Sets the behaviour whole: what `input` leaves out is as it was at start. `{}` resets. */
  replace(input: BehaviourInput): void {
    this.behaviour = { ...this.standard, ...input };
    this.random = seeded(this.behaviour.seed);
    this.calls = 0;
  }

  /** The traits of a model in a region; what is said of the two together wins. */
  traitsOf(region: string, modelId: string): Traits {
    const { models, ...everyModel } = this.behaviour;
    const differing = [modelId, `${region}/${modelId}`].filter((key) => Object.hasOwn(models, key));
    return differing.reduce((traits, key) => ({ ...traits, ...models[key] }), everyModel);
  }

  /** Whether the call that comes now is throttled. */
  throttles({ throttleEveryNth, throttleRate }: Traits): boolean {
    this.calls += 1;
    if (throttleEveryNth !== null && this.calls % throttleEveryNth === 0) return true;
    return throttleRate > 0 && this.random() < throttleRate;
  }

  /** The status that the call which comes now fails with before it begins; null when it does not. */
  fails({ failRate }: Traits): 500 | 503 | null {
    if (failRate === 0 || this.random() >= failRate) return null;
    return this.random() < 0.5 ? 500 : 503;
  }

  /**
   * The traits of one single call: chance has decided which faults it meets, and where.
   * @param frames how many frames its answer has
   */
  decide(traits: Traits, frames: number): Traits {
    const happens = (rate: number) => rate > 0 && this.random() < rate;
    const anyFrame = () => Math.floor(this.random() * frames);
    return {
      ...traits,
      ...(happens(traits.cutRate) && (happens(0.5) ? { cutAtFrame: anyFrame() } : { cutMidFrame: anyFrame() })),
      ...(happens(traits.errorRate) && { errorAtFrame: anyFrame() }),
      ...(happens(traits.stallRate) && { stallAtFrame: anyFrame() }),
      ...(happens(traits.firstTokenStallRate) && { stallBeforeFirstToken: true }),
      ...(happens(traits.omitUsageRate) && { omitUsage: true }),
      ...(happens(traits.repeatUsageRate) && { repeatUsage: true }),
    };
  }

  /** A wait with its jitter. */
  vary(waitMs: number, { jitter }: Traits): number {
    return waitMs > 0 && jitter > 0 ? waitMs * (1 + jitter * (2 * this.random() - 1)) : waitMs;
  }
}

/** Mulberry32: small, fast, and the same on every machine. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
