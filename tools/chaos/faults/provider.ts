import { poll } from '../../services/processes.ts';
import type { Way } from '../../services/fault-proxy.ts';
import type { Dice } from '../../dice.ts';
import { pause } from '../client.ts';
import { type Fault, lasting } from './fault.ts';

/** A factor so small that what was left of a minute's quota is gone. */
const SPENT = 0.001;

/** Well below what the load asks for. */
const CUT = 0.05;

/** Processes that come back from the fault before may not have asked anything yet. */
const FELT_WITHIN_MS = 30_000;

/** The simulator misbehaves for a while. */
const behaving = (name: string, traits: (dice: Dice) => object): Fault =>
  lasting(
    name,
    [3_000, 5_000],
    ({ models }, dice) => models.behave({ ...traits(dice), seed: dice.between(1, 1_000) }),
    ({ models }) => models.behave({}),
  );

/** The way to one of the regions is bad for a while; the other one serves. */
const region = (name: string, way: (dice: Dice) => Way): Fault =>
  lasting(
    name,
    [4_000, 8_000],
    ({ models }, dice) => dice.pick([...models.ways.values()]).become(way(dice)),
    ({ models }) => Promise.all([...models.ways.values()].map((each) => each.become({ kind: 'clear' }))),
  );

/** It ends when it was felt: a cut that refuses nobody proves nothing. */
const QUOTA_CUT: Fault = {
  name: 'the provider cuts its quota',
  async happen({ models }, dice) {
    const before = await models.refusedCalls();
    const isFelt = async () => (await models.refusedCalls()) > before || undefined;
    try {
      // What it would have let through at once, a minute's worth, is gone as well: else nobody would feel it for that long.
      await models.grant(SPENT);
      await models.grant(CUT);
      await pause(dice.between(4_000, 8_000));
      await poll('a call that the cut quota refuses', FELT_WITHIN_MS, isFelt);
    } finally {
      await models.grant(1);
    }
  },
};

export const PROVIDER_FAULTS: readonly Fault[] = [
  behaving('the model throttles', (dice) => ({ throttleRate: 0.2 + dice.roll() / 2 })),
  behaving('streams are cut', (dice) => ({ cutRate: 0.3 + dice.roll() / 2 })),
  behaving('streams are cut in the middle of a frame', (dice) => ({ cutMidFrame: dice.between(0, 30) })),
  behaving('streams end in an error', (dice) => ({ errorAtFrame: dice.between(0, 30) })),
  behaving('the model’s service answers with 500 and 503', (dice) => ({ failRate: 0.3 + dice.roll() / 2 })),
  behaving('streams end in 500 or 503', (dice) => ({
    errorAtFrame: dice.between(0, 30),
    errorStatus: dice.pick([500, 503]),
  })),
  behaving('the model falls silent before its first word', () => ({ firstTokenStallRate: 0.5 })),
  behaving('the model falls silent between words', () => ({ stallRate: 0.5 })),
  behaving('the model does not say what it used', () => ({ omitUsage: true })),
  behaving('the model says twice what it used', () => ({ repeatUsage: true })),
  QUOTA_CUT,
  region('a region cannot be reached', () => ({ kind: 'closed' })),
  region('connections to a region half-open', () => ({ kind: 'silent' })),
  region('a region is far', (dice) => ({ kind: 'slow', delayMs: dice.between(100, 800) })),
];
