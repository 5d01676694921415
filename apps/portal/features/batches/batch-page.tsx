'use client';

import Link from 'next/link';
import { useTranslations } from 'use-intl';
import type { Batch } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { BatchActions } from './batch-actions.tsx';
import { BatchPlan } from './batch-plan.tsx';
import { BatchProgress } from './batch-progress.tsx';
import { BatchRows } from './batch-rows.tsx';
import { DraftForm } from './draft-form.tsx';
import { toneOf } from './tone-of.ts';
import { useBatch } from './use-batch.ts';

export function BatchPage({ id }: { id: string }) {
  const t = useTranslations('batches');
  const { data: batch, error, refetch } = useBatch(id);
  return (
    <>
      <Link href="/batches" className="w-fit text-key-900 underline underline-offset-4">
        {t('back')}
      </Link>
      {error && !batch && <PageHeader title={t('title')} />}
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!batch && !error && <Skeleton rows={6} />}
      {batch && (
        <>
          <PageHeader title={batch.name} actions={<BatchActions batch={batch} />} />
          <Facts batch={batch} />
          {batch.state === 'draft' ? (
            <DraftForm batch={batch} />
          ) : (
            <>
              <BatchProgress batch={batch} />
              <BatchPlan batch={batch} />
              <BatchRows batch={batch} />
            </>
          )}
        </>
      )}
    </>
  );
}

function Facts({ batch }: { batch: Batch }) {
  const t = useTranslations('batches');
  const { number, time } = useFormats();
  const { state, rowCount, encoding, createdAt, handedOverFrom } = batch;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-std-16N-170">
      <Badge tone={toneOf(batch)}>{t(`states.${state}`)}</Badge>
      <span>{t('rowsOf', { count: number(rowCount) })}</span>
      <span>{t(`encodings.${encoding ?? 'xlsx'}`)}</span>
      <span>{time(createdAt)}</span>
      {handedOverFrom && <span>{t('handedOverFrom', { name: handedOverFrom })}</span>}
    </div>
  );
}
