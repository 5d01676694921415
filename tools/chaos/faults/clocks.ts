import { clocksMissing } from '../clocks.ts';
import type { Dice } from '../../dice.ts';
import { type Fault, lasting } from './fault.ts';

const eitherWay = (dice: Dice, seconds: number): number => (dice.roll() < 0.5 ? seconds : -seconds);

export const CLOCK_FAULTS: readonly Fault[] = [
  lasting(
    'the workers’ clocks minutes apart',
    [6_000, 10_000],
    async ({ second: { clocks } }, dice) => {
      const minutes = eitherWay(dice, dice.between(2, 30));
      clocks.get('worker-2')!.move(minutes * 60);
      clocks.get('worker-3')!.move(-minutes * 60);
    },
    async ({ second: { clocks } }) => {
      clocks.get('worker-2')!.move(0);
      clocks.get('worker-3')!.move(0);
    },
    { missing: clocksMissing },
  ),
  lasting(
    'an api’s clock wrong',
    [6_000, 10_000],
    // What the entrance signs is good for 30 s: a clock further off than that takes no request at all.
    async ({ second }, dice) => second.clocks.get('api-2')!.move(eitherWay(dice, dice.between(5, 20))),
    async ({ second }) => second.clocks.get('api-2')!.move(0),
    { missing: clocksMissing },
  ),
];
