import { pause } from './closed-loop.ts';

/**
 * Begins `perSecond` turns a second, whether earlier ones have ended or not: every way is then measured under the same load,
 * and none is slowed by its own slowness.
 * @returns what each turn gave, in the order they began
 */
export async function openLoop<Result>(
  perSecond: number,
  milliseconds: number,
  turn: (index: number) => Promise<Result>,
): Promise<Result[]> {
  const beganAt = performance.now();
  const turns: Promise<Result>[] = [];
  const failures: unknown[] = [];
  for (let index = 0; index < (perSecond * milliseconds) / 1000 && failures.length === 0; index += 1) {
    const early = beganAt + (index * 1000) / perSecond - performance.now();
    if (early > 0) await pause(early);
    const begun = turn(index);
    begun.catch((error: unknown) => failures.push(error));
    turns.push(begun);
  }
  return await Promise.all(turns);
}
