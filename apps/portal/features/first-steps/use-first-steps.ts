'use client';

import { useQuery } from '@tanstack/react-query';
import { unwrap } from '#libs/api-client';
import { api } from '../session/api.ts';

export const FIRST_STEPS_KEY = ['first-steps'] as const;

/** What an administrator has done of the city's first steps. @param enabled false for whoever is none */
export const useFirstSteps = (enabled = true) =>
  useQuery({
    queryKey: FIRST_STEPS_KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/first-steps', { signal })),
    enabled,
  });
