'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { unwrap } from '#libs/api-client';
import { api } from '../session/api.ts';

const NOTICES_KEY = ['notices'] as const;
/** Every open window asks; a request to read content wants an answer, maintenance has time. */
const REFRESH_MS = 30_000;

/** What the signed-in member is to be told; one question for the bell, the banners and the page. */
export const useNotices = () =>
  useQuery({
    queryKey: NOTICES_KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/notices', { signal })),
    refetchInterval: REFRESH_MS,
  });

export function useReadNotice() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => unwrap(api.POST('/api/v1/notices/{id}/read', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: NOTICES_KEY }),
  });
}
