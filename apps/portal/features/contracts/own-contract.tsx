'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { DataTable } from '../../components/data-table.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { useTermsColumns } from './plan-list.tsx';

/** What a city agreed to pay by, for its own people. */
export function OwnContract() {
  const t = useTranslations('contracts');
  const { day } = useFormats();
  const own = useQuery({
    queryKey: ['own-contract'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/contract', { signal })),
  });
  const columns = useTermsColumns<NonNullable<NonNullable<typeof own.data>['contract']>['terms'][number]>(
    ({ terms }) => terms,
  );
  const contract = own.data?.contract;
  if (own.error) return <ProblemNotice error={own.error} onRetry={() => void own.refetch()} />;
  if (!own.data) return null;
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('ownTitle')}</h2>
      {contract ? (
        <>
          <p>
            {contract.title}（{t('period', { from: day(contract.startsOn), to: day(contract.endsOn) })}）
            {contract.council && ` ${contract.council}`}
          </p>
          <DataTable
            caption={t('terms')}
            rows={contract.terms}
            rowKey={({ validFrom }) => validFrom}
            columns={[
              { key: 'validFrom', header: t('validFrom'), isHeader: true, cell: ({ validFrom }) => day(validFrom) },
              { key: 'plan', header: t('plan'), cell: ({ plan }) => plan ?? t('individual') },
              ...columns,
            ]}
          />
        </>
      ) : (
        <p className="rounded-8 bg-solid-gray-50 p-8 text-center">{t('ownNone')}</p>
      )}
    </section>
  );
}
