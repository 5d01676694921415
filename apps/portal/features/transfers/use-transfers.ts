'use client';

import { useQuery } from '@tanstack/react-query';
import { unwrap } from '#libs/api-client';
import { api } from '../session/api.ts';

export const OWNERLESS_KEY = ['ownerless-content'] as const;
export const OWNERLESS_RULE_KEY = ['ownerless-rule'] as const;
export const HANDOVERS_KEY = ['handovers'] as const;

/** What becomes by itself of what people leave on this network. */
export const useOwnerlessRule = () =>
  useQuery({
    queryKey: OWNERLESS_RULE_KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/ownerless-content/rule', { signal })),
  });
