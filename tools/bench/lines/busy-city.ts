import { randomUUID } from 'node:crypto';
import { Dice } from '../../dice.ts';
import type { LineCity, LineJob } from './waiting-line.ts';

export const BACKLOG = 10_000;
export const TOKENS = { least: 200, most: 4_000 };
/** A job holds its place for 0.1 to 2 s, so that about 240 a second end: what the machine's two cores bear with room to spare. */
export const MS_PER_TOKEN = 0.5;
export const PLACES = 250;
/** What comes before this is served and not counted: connections, plans and code are as cold in an empty system as in a full one. */
export const COUNTED_AFTER_MS = 3_000;
export const ARRIVING_MS = COUNTED_AFTER_MS + 10_000;
/** Of the pool's tokens, asked for by all quiet cities together. */
export const QUIET_LOAD = 0.3;
const SEED = 20_261_121;

/** One city with a long line, and others who ask now and then. */
export interface Scene {
  readonly cities: readonly LineCity[];
  readonly busy: LineCity;
  readonly backlog: readonly LineJob[];
  /** Quiet cities' jobs and when each comes, milliseconds from the first. */
  readonly arrivals: readonly { readonly atMs: number; readonly job: LineJob }[];
}

/** The same load for every way. */
export function sceneOf(quietCities: number): Scene {
  const dice = new Dice(SEED);
  const tokens = () => Math.round(TOKENS.least + dice.roll() * (TOKENS.most - TOKENS.least));
  const busy = { id: randomUUID(), weight: 1 };
  // As in the country: most cities small, some of twice and some of four times the weight
  const quiet = Array.from({ length: quietCities }, (_, index) => ({
    id: randomUUID(),
    weight: [1, 2, 4][index % 3]!,
  }));
  const tokensPerSecond = (PLACES / MS_PER_TOKEN) * 1000;
  const perSecond = (QUIET_LOAD * tokensPerSecond) / ((TOKENS.least + TOKENS.most) / 2);
  const arrivals: Scene['arrivals'][number][] = [];
  for (let atMs = 0; atMs < ARRIVING_MS; atMs += (-Math.log(1 - dice.roll()) / perSecond) * 1000) {
    const city = dice.pick(quiet);
    arrivals.push({ atMs, job: { id: randomUUID(), city: city.id, tokens: tokens() } });
  }
  const backlog = Array.from({ length: BACKLOG }, () => ({ id: randomUUID(), city: busy.id, tokens: tokens() }));
  return { cities: [busy, ...quiet], busy, backlog, arrivals };
}
