import { type Check, figure } from './check.ts';
import { pause } from './client.ts';
import { FAULTS } from './faults/index.ts';
import { fits, plan } from './schedule.ts';
import type { Scene } from './scene.ts';

/** One fault after another in the seed's order until the time is over. */
export async function storm(scene: Scene, durationMs: number, only: string | undefined): Promise<Check[]> {
  const { house, seen, dice, say, signal } = scene;
  const wanted = [...FAULTS, scene.budgetStorm].filter((fault) => fits(fault, house.backend, only));
  const left = wanted.filter(({ missing }) => missing);
  for (const { name, missing } of left) say(`not done: ${name} (${missing})`);
  const possible = wanted.filter(({ missing }) => !missing);
  const startedAt = performance.now();
  const now = () => performance.now() - startedAt;
  let done = 0;
  for (const { atMs, fault } of plan(dice, possible, durationMs)) {
    const chance = dice.fork();
    if (atMs > now()) await pause(atMs - now());
    if (signal.aborted) throw new Error('interrupted');
    say(`${(now() / 1_000).toFixed(1).padStart(6)} s  ${fault.name}`);
    try {
      await fault.happen(house, chance);
    } catch (error) {
      seen.surprises.push(`${fault.name}: ${(error as Error).message}`);
    }
    done += 1;
  }
  await pause(Math.max(0, durationMs - now()));
  return [
    figure('faults', `${done} in ${Math.round(durationMs / 1_000)} s`),
    ...left.map(({ name, missing }) => figure(`not done: ${name}`, missing!)),
  ];
}
