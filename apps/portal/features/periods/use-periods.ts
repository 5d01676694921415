'use client';

import { useQuery } from '@tanstack/react-query';
import { unwrap } from '#libs/api-client';
import { api } from '../session/api.ts';

const WHILE_CLOSING_MS = 1_000;

export const PERIODS_KEY = ['periods'] as const;

/** The months, asked for again and again while one of them is being closed. */
export const usePeriods = () =>
  useQuery({
    queryKey: PERIODS_KEY,
    queryFn: async ({ signal }) => (await unwrap(api.GET('/api/finance/v1/periods', { signal }))).items,
    refetchInterval: ({ state }) =>
      state.data?.some((period) => period.state === 'closing' && !period.fault) ? WHILE_CLOSING_MS : false,
  });

/** One month with what is missing before it can be closed. */
export const usePeriod = (month: string) =>
  useQuery({
    queryKey: [...PERIODS_KEY, month],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/finance/v1/periods/{month}', { params: { path: { month } }, signal })),
    refetchInterval: ({ state }) => (state.data?.state === 'closing' && !state.data.fault ? WHILE_CLOSING_MS : false),
  });
