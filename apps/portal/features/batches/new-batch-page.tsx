'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { PageHeader } from '../../components/page-header.tsx';
import { BatchProblem } from './faults.tsx';
import { FileDrop } from './file-drop.tsx';
import { BATCHES_KEY, batchKey, uploadBatch } from './use-batch.ts';

export function NewBatchPage() {
  const t = useTranslations('batches');
  const router = useRouter();
  const client = useQueryClient();
  const upload = useMutation({
    mutationFn: uploadBatch,
    onSuccess: (batch) => {
      client.setQueryData(batchKey(batch.id), batch);
      void client.invalidateQueries({ queryKey: BATCHES_KEY, exact: true });
      router.push(`/batches/${batch.id}`);
    },
  });
  return (
    <>
      <PageHeader title={t('new')} lead={t('newLead')} />
      <FileDrop isReading={upload.isPending || upload.isSuccess} onFile={(file) => upload.mutate(file)} />
      {upload.error && <BatchProblem error={upload.error} />}
    </>
  );
}
