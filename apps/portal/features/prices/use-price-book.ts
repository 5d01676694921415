'use client';

import { useQuery } from '@tanstack/react-query';
import { unwrap } from '#libs/api-client';
import { api } from '../session/api.ts';

export const PRICE_BOOK_KEY = ['prices'] as const;
export const FX_BOOK_KEY = ['fx-rates'] as const;

export const usePriceBook = () =>
  useQuery({
    queryKey: PRICE_BOOK_KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/finance/v1/prices', { signal })),
  });

export const useFxBook = () =>
  useQuery({
    queryKey: FX_BOOK_KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/finance/v1/fx-rates', { signal })),
  });
