'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Batch, unwrap } from '#libs/api-client';
import { Button, buttonClass } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { useNetworkRules } from '../session/network-rules.ts';
import { BATCHES_KEY, batchKey } from './use-batch.ts';

type Asked = 'cancel' | 'retry' | 'delete';

/** What can be done with a batch as it is now; what cannot be taken back is asked for twice. */
export function BatchActions({ batch }: { batch: Batch }) {
  const t = useTranslations('batches');
  const common = useTranslations('common');
  const { number } = useFormats();
  const client = useQueryClient();
  const router = useRouter();
  const [asked, setAsked] = useState<Asked | null>(null);
  const { takeOut } = useNetworkRules();
  const { id, state, counts, retryable, round } = batch;
  const params = { path: { id } };

  const act: Record<Asked, () => Promise<void>> = {
    cancel: async () => show(await unwrap(api.POST('/api/v1/batches/{id}/cancel', { params }))),
    retry: async () => show(await unwrap(api.POST('/api/v1/batches/{id}/retry', { params, body: { round } }))),
    delete: async () => {
      await unwrap(api.DELETE('/api/v1/batches/{id}', { params }));
      client.removeQueries({ queryKey: batchKey(id) });
      router.push('/batches');
      await client.invalidateQueries({ queryKey: BATCHES_KEY, exact: true });
    },
  };
  const show = async (changed: Batch) => {
    client.setQueryData(batchKey(id), changed);
    await client.invalidateQueries({ queryKey: batchKey(id) });
  };
  const leads: Record<Asked, string> = {
    cancel: t('cancelLead', { count: number(counts.queued) }),
    retry: t('retryLead', { count: number(retryable) }),
    delete: t('deleteLead', { name: batch.name }),
  };

  return (
    <>
      {state !== 'draft' && takeOut.download && (
        <>
          <Download id={id} format="csv" label={t('downloadCsv')} />
          <Download id={id} format="xlsx" label={t('downloadXlsx')} />
        </>
      )}
      {retryable > 0 && (
        <Button look="outline" onClick={() => setAsked('retry')}>
          {t('retry')}
        </Button>
      )}
      {state === 'running' ? (
        <Button look="outline" onClick={() => setAsked('cancel')}>
          {t('cancel')}
        </Button>
      ) : (
        <Button look="outline" onClick={() => setAsked('delete')}>
          {t('delete')}
        </Button>
      )}
      {asked && (
        <ConfirmDialog
          title={t(asked)}
          confirmLabel={t(`${asked}Confirm`)}
          {...(asked === 'cancel' && { leaveLabel: common('back') })}
          danger={asked !== 'retry'}
          onConfirm={act[asked]}
          onClose={() => setAsked(null)}
        >
          {leads[asked]}
        </ConfirmDialog>
      )}
    </>
  );
}

function Download({ id, format, label }: { id: string; format: 'csv' | 'xlsx'; label: string }) {
  return (
    <a href={`/api/v1/batches/${id}/results?format=${format}`} download className={buttonClass('outline')}>
      {label}
    </a>
  );
}
