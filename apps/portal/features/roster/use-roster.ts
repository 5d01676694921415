'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiProblem, type RosterImport, unwrap } from '#libs/api-client';
import type { BadgeTone } from '../../components/badge.tsx';
import { api } from '../session/api.ts';

export type RosterFileKind = keyof RosterImport['files'];
export type RosterMode = NonNullable<RosterImport['files'][RosterFileKind]>['mode'];
export const FILE_KINDS: readonly RosterFileKind[] = ['departments', 'members'];
export const MODES: readonly RosterMode[] = ['listed', 'complete'];

export const ROSTER_KEY = ['roster-imports'] as const;
export const rosterKey = (id: string) => [...ROSTER_KEY, id] as const;

export const STATE_TONES: Record<RosterImport['state'], BadgeTone> = {
  draft: 'neutral',
  checked: 'neutral',
  planned: 'blue',
  applying: 'yellow',
  applied: 'green',
  failed: 'red',
  cancelled: 'neutral',
};

const WHILE_APPLYING_MS = 1_000;
const WHILE_PLANNED_MS = 30_000;

/** An import, asked for again for as long as it can change by itself. */
export const useRosterImport = (id: string) =>
  useQuery({
    queryKey: rosterKey(id),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/roster-imports/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state: { data } }) => {
      if (data?.state === 'applying' || (data?.state === 'planned' && !data.effectiveOn)) return WHILE_APPLYING_MS;
      return data?.state === 'planned' ? WHILE_PLANNED_MS : false;
    },
  });

/** An act that answers with the import as it is then. */
export function useRosterAct<Input>(id: string, act: (input: Input) => Promise<RosterImport>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (found) => {
      client.setQueryData(rosterKey(id), found);
      void client.invalidateQueries({ queryKey: [...rosterKey(id), 'changes'] });
      void client.invalidateQueries({ queryKey: [...rosterKey(id), 'faults'] });
      void client.invalidateQueries({ queryKey: ROSTER_KEY, exact: true });
    },
  });
}

/** Members who would be disabled and departments that would close. */
export const disablesOf = ({ counts }: RosterImport): number =>
  counts ? counts.department.disabled + counts.member.disabled : 0;

const MAX_BYTES = 20 * 1024 * 1024;

/** Sends a file as it is; one that is too large is not sent at all. @throws ApiProblem */
export async function uploadRoster(id: string, kind: RosterFileKind, mode: RosterMode, file: File) {
  if (file.size > MAX_BYTES) throw new ApiProblem({ title: '', status: 413, code: 'ROSTER.FILE_TOO_LARGE' });
  return unwrap(
    api.PUT('/api/v1/roster-imports/{id}/files/{kind}', {
      // The schema can only say that a file is a string; the serializer hands over the file
      body: file as unknown as string,
      bodySerializer: (body) => body,
      params: { path: { id, kind }, query: { mode } },
      headers: {
        'Content-Type': 'application/octet-stream',
        'X-File-Name': encodeURIComponent(file.name.toWellFormed()),
      },
    }),
  );
}
