'use client';

import { useQuery } from '@tanstack/react-query';
import { unwrap } from '#libs/api-client';
import { api } from '../session/api.ts';
import type { CityChoice } from './city-picker.tsx';

const PAGE = 100;

/** Every city, to choose from. */
export const useAllCities = () => useQuery({ queryKey: ['all-cities'], queryFn: ({ signal }) => allCities(signal) });

async function allCities(signal: AbortSignal): Promise<CityChoice[]> {
  const cities: CityChoice[] = [];
  let cursor: string | undefined;
  do {
    const query = { cursor, limit: PAGE };
    const page = await unwrap(api.GET('/api/ops/v1/pool/cities', { params: { query }, signal }));
    cities.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return cities;
}
