'use client';

import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { type ApiProblem, type Me, type VendorMe, unwrap } from '#libs/api-client';
import { api } from './api.ts';

export const ME_KEY = ['me'] as const;
export const VENDOR_ME_KEY = ['vendor-me'] as const;
export const SESSION_KEYS = [ME_KEY, VENDOR_ME_KEY] as const;

const STALE_MS = 60_000;

/** The signed-in member of a city, and what the member may do. */
export const useMe = (): UseQueryResult<Me, ApiProblem> =>
  useQuery({
    queryKey: ME_KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/me', { signal })),
    staleTime: STALE_MS,
  });

/** The signed-in person of the vendor. */
export const useVendorMe = (): UseQueryResult<VendorMe, ApiProblem> =>
  useQuery({
    queryKey: VENDOR_ME_KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/ops/v1/me', { signal })),
    staleTime: STALE_MS,
  });
