import { z } from 'zod';

const milliseconds = z.number().min(0).max(3_600_000);
/** Counts whole frames sent before the fault: 0 is before the first one. null never happens. */
const afterFrames = z.int().min(0).nullable();

const traits = z.strictObject({
  /** Wait before the first frame. */
  firstTokenDelayMs: milliseconds,
  /** Wait per token after the first delta. */
  tokenDelayMs: milliseconds,
  tokensPerDelta: z.int().min(1).max(10_000),
  /** Every wait varies by up to this part of itself, by the seed. */
  jitter: z.number().min(0).max(1),
  seed: z.int().min(0),
  throttleEveryNth: z.int().min(1).nullable(),
  throttleRate: z.number().min(0).max(1),
  /** Closes the connection between two frames. */
  cutAtFrame: afterFrames,
  /** Closes the connection in the middle of the next frame. */
  cutMidFrame: afterFrames,
  /** Ends the stream with the protocol's error. */
  errorAtFrame: afterFrames,
  /** Falls silent with the connection open. */
  stallAtFrame: afterFrames,
  /** Falls silent before the response head. */
  stallBeforeFirstToken: z.boolean(),
  omitUsage: z.boolean(),
  repeatUsage: z.boolean(),
});

export type Traits = z.infer<typeof traits>;

/** How the simulator behaves: traits for every model, and what differs for single ones. */
export const behaviourSchema = traits.extend({ models: z.record(z.string(), traits.partial()) }).partial();
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
  cutAtFrame: null,
  cutMidFrame: null,
  errorAtFrame: null,
  stallAtFrame: null,
  stallBeforeFirstToken: false,
  omitUsage: false,
  repeatUsage: false,
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

  traitsOf(modelId: string): Traits {
    const { models, ...everyModel } = this.behaviour;
    return Object.hasOwn(models, modelId) ? { ...everyModel, ...models[modelId] } : everyModel;
  }

  /** Whether the call that comes now is throttled. */
  throttles({ throttleEveryNth, throttleRate }: Traits): boolean {
    this.calls += 1;
    if (throttleEveryNth !== null && this.calls % throttleEveryNth === 0) return true;
    return throttleRate > 0 && this.random() < throttleRate;
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
