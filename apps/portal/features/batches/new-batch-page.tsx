'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { Banner } from '../../components/banner.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useNetworkRules } from '../session/network-rules.ts';
import { BatchProblem } from './faults.tsx';
import { FileDrop } from './file-drop.tsx';
import { BATCHES_KEY, batchKey, uploadBatch } from './use-batch.ts';

export function NewBatchPage() {
  const t = useTranslations('batches');
  const { attachments } = useNetworkRules();
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
      {attachments ? (
        <FileDrop isReading={upload.isPending || upload.isSuccess} onFile={(file) => upload.mutate(file)} />
      ) : (
        <Banner tone="info" title={t('noAttachments')} />
      )}
      {upload.error && <BatchProblem error={upload.error} />}
    </>
  );
}
