import { allot } from './allotments.ts';
import { budgetStorm } from './budget-storm.ts';
import { type Caller, type Entrances, byTheOther, keyCaller, memberCaller } from './callers.ts';
import type { Dice } from '../dice.ts';
import type { Fault } from './faults/index.ts';
import type { ChaosHouse } from './house.ts';
import { Load } from './load.ts';
import type { Observations } from './observations.ts';

/** Everything a run plays with: the product under load, and where it is written down what happened. */
export interface Scene {
  readonly house: ChaosHouse;
  readonly seen: Observations;
  readonly dice: Dice;
  readonly load: Load;
  /** The systems of the cities that are under load. */
  readonly keys: readonly Caller[];
  /** In a city of its own, because it changes the budget. */
  readonly budgetStorm: Fault;
  readonly say: (line: string) => void;
  /** Ends the run early. */
  readonly signal: AbortSignal;
}

/** Two cities work, each by both entrances; enough callers that every fault meets running work, too few to be one. */
export async function openScene(
  parts: Pick<Scene, 'house' | 'seen' | 'dice' | 'say' | 'signal'>,
  canary: string,
): Promise<Scene> {
  const { house, seen, dice } = parts;
  const { demo } = house.product;
  const entrances: Entrances = [demo.origins, house.second.origins];
  const [first, second, third] = demo.cities as [City, City, City];
  const members: Caller[] = [];
  for (const city of [first, second]) {
    const own: Caller[] = [];
    for (const [role, segment] of [
      ['staff', 'lgwan'],
      ['manager', 'lgwan'],
      ['staff', 'my_number'],
    ] as const)
      own.push(await memberCaller(entrances, city, role, segment));
    await allot(entrances, city, own);
    members.push(...own);
  }
  const keys = [first, second].map((city) => keyCaller(entrances, city));
  const admin = await memberCaller(entrances, third, 'admin', 'lgwan');
  const stormy = [keyCaller(entrances, third), await memberCaller(entrances, third, 'staff', 'lgwan')];
  const load = new Load(seen, canary);
  for (const caller of [...members, ...keys])
    for (const seat of [caller, byTheOther(caller)]) load.start(seat, dice.fork());
  for (const caller of keys) load.startOpenAi(caller, dice.fork());
  const rush = [...stormy, ...stormy.map(byTheOther)];
  return { ...parts, load, keys, budgetStorm: budgetStorm(admin, rush, seen, canary) };
}

type City = ChaosHouse['product']['demo']['cities'][number];
