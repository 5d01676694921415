import type { Dice } from '../dice.ts';
import type { Fault } from './faults/index.ts';
import type { Backend } from './backends.ts';

export interface Planned {
  readonly atMs: number;
  readonly fault: Fault;
}

const FIRST_MS = 3_000;

/** Whether this fault can happen on this backend and bears the wanted words in its name. */
export const fits = ({ name, only }: Pick<Fault, 'name' | 'only'>, backend: Backend, wanted = ''): boolean =>
  name.includes(wanted) && (only === undefined || only.includes(backend));

/**
 * Each of these faults once, in the seed's order, then any of them, evenly over the time. With less time
 * than faults they come closer together, down to `closestMs`, and the last ones do not come.
 */
export function plan(dice: Dice, fitting: readonly Fault[], durationMs: number): Planned[] {
  const closestMs = 4_000;
  const gapMs = Math.max(closestMs, (durationMs - FIRST_MS) / Math.ceil(durationMs / 7_000));
  const planned: Planned[] = [];
  const order = dice.shuffle(fitting);
  for (let atMs = FIRST_MS; atMs < durationMs; atMs += gapMs * (0.7 + dice.roll() * 0.6)) {
    planned.push({ atMs: Math.round(atMs), fault: order[planned.length] ?? dice.pick(fitting) });
  }
  return planned;
}
