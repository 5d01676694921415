import { jstMonth, jstToday } from '../../i18n/jst.ts';

/** What the page asks for, as its fields hold it. */
export interface WhatIf {
  from: string;
  to: string;
  usersPercent: string;
  growthPercent: string;
  jpyPerUsd: string;
  /** Per cent by model; only used when it adds up to 100. */
  mix: Readonly<Record<string, string>>;
}

const DAY_MS = 86_400_000;
const WHOLE = 100;

/** The last three months that are over and this one, up to yesterday. */
export function usualTrial(now = new Date()): Pick<WhatIf, 'from' | 'to'> {
  const [year = 0, month = 0] = jstMonth(now).split('-').map(Number);
  const start = new Date(Date.UTC(year, month - 4, 1));
  return { from: start.toISOString().slice(0, 10), to: jstToday(new Date(now.getTime() - DAY_MS)) };
}

export const mixTotal = (mix: WhatIf['mix']): number =>
  Object.values(mix).reduce((sum, percent) => sum + (Number(percent) || 0), 0);

/** The query of the API; what is left empty is left out. */
export function toQuery({ from, to, usersPercent, growthPercent, jpyPerUsd, mix }: WhatIf) {
  const shares = Object.entries(mix).filter(([, percent]) => Number(percent) > 0);
  return {
    from,
    to,
    usersPercent: Number(usersPercent) || 0,
    growthPercent: Number(growthPercent) || 0,
    ...(Number(jpyPerUsd) > 0 && { jpyPerUsd }),
    ...(mixTotal(mix) === WHOLE && { mix: shares.map(([model, percent]) => `${model}:${percent}`).join(',') }),
  };
}

export type EstimateQuery = ReturnType<typeof toQuery>;

export const toSearch = (query: EstimateQuery): string =>
  new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)])).toString();
