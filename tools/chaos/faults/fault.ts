import type { Dice } from '../../dice.ts';
import type { Backend } from '../backends.ts';
import type { ChaosHouse } from '../house.ts';

/** Something bad that happens. */
export interface Fault {
  readonly name: string;
  /** Where it can happen; everywhere when not given. */
  readonly only?: readonly Backend[];
  /** Why this machine cannot do it: it is then left out, and that is said. */
  readonly missing?: string | undefined;
  /** Does it, and returns when what it holds broken is whole again (processes may still be coming back). */
  happen(house: ChaosHouse, dice: Dice): Promise<void>;
}

/** A fault that lasts: begun, endured for a time between the two, and ended whatever happens. */
export function lasting(
  name: string,
  [leastMs, mostMs]: readonly [number, number],
  begin: (house: ChaosHouse, dice: Dice) => Promise<unknown>,
  end: (house: ChaosHouse, dice: Dice) => Promise<unknown>,
  more: Pick<Fault, 'only' | 'missing'> = {},
): Fault {
  return {
    name,
    ...more,
    async happen(house, dice) {
      try {
        await begin(house, dice);
        await new Promise<void>((resolve) => setTimeout(resolve, dice.between(leastMs, mostMs)));
      } finally {
        await end(house, dice);
      }
    },
  };
}
