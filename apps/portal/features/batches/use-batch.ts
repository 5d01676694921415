'use client';

import { useQuery } from '@tanstack/react-query';
import { ApiProblem, type Batch, unwrap } from '#libs/api-client';
import { api } from '../session/api.ts';
import { askedAgainAfter } from './asked-again-after.ts';

export const BATCHES_KEY = ['batches'] as const;
export const batchKey = (id: string) => [...BATCHES_KEY, id] as const;
export const rowsKey = (id: string) => [...batchKey(id), 'rows'] as const;

/** A batch, asked for again and again for as long as it can change by itself. */
export const useBatch = (id: string) =>
  useQuery({
    queryKey: batchKey(id),
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/batches/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => askedAgainAfter(state.data),
  });

/** Rows that have ended, one way or another. */
export const endedRows = ({ counts }: Pick<Batch, 'counts'>): number =>
  counts.completed + counts.failed + counts.cancelled;

const MAX_BYTES = 20 * 1024 * 1024;

/**
 * Sends a file as it is; its bytes say what it is, whatever the PC calls it. One that is too large is not sent at all: an
 * answer in the middle of sending would be lost. @throws ApiProblem
 */
export async function uploadBatch(file: File): Promise<Batch> {
  if (file.size > MAX_BYTES) throw new ApiProblem({ title: '', status: 413, code: 'BATCHES.FILE_TOO_LARGE' });
  return unwrap(
    api.POST('/api/v1/batches', {
      // The schema can only say that a file is a string; the serializer hands over the file
      body: file as unknown as string,
      bodySerializer: (body) => body,
      params: { header: { 'X-File-Name': encodeURIComponent(file.name.toWellFormed()) } },
      headers: { 'Content-Type': 'application/octet-stream' },
    }),
  );
}
