'use client';

import { useQuery } from '@tanstack/react-query';
import { type Audience, unwrap } from '#libs/api-client';
import { usePages } from '../../components/use-pages.ts';
import { api } from '../session/api.ts';

export const TEMPLATES_KEY = ['templates'] as const;

/** Without an audience: all that may be used. */
export const useTemplates = ({ audience, search }: { audience?: Audience; search: string }) =>
  usePages([...TEMPLATES_KEY, audience, search], (cursor, signal) => {
    const query = { audience, query: search || undefined, cursor };
    return unwrap(api.GET('/api/v1/templates', { params: { query }, signal }));
  });

export const readTemplate = (id: string, signal?: AbortSignal) =>
  unwrap(api.GET('/api/v1/templates/{id}', { params: { path: { id } }, signal }));

/** As it is when it is opened, and no longer followed: what is written was written upon this version. */
export const useTemplate = (id: string) =>
  useQuery({
    queryKey: ['template', id],
    queryFn: ({ signal }) => readTemplate(id, signal),
    staleTime: Infinity,
    gcTime: 0,
  });
