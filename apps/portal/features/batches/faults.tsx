'use client';

import { useTranslations } from 'use-intl';
import { ApiProblem } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { ProblemNotice, useProblemWords } from '../../components/problem-notice.tsx';

const PLACE = /^\/rows\/(\d+)(?:\/columns\/(\d+))?$/;

/** What is wrong with a file, as a table of places where the API names them. */
export function BatchProblem({ error }: { error: Error }) {
  const t = useTranslations('batches');
  const words = useProblemWords()(error);
  const faults = error instanceof ApiProblem ? (error.problem.faults ?? []) : [];
  const places = faults.map(({ pointer, message }, index) => {
    const [, row, column] = PLACE.exec(pointer) ?? [];
    return { index, row, column, message };
  });
  if (!places.some(({ row }) => row !== undefined)) return <ProblemNotice error={error} />;
  return (
    <div className="flex flex-col gap-4">
      <Banner tone="error" role="alert" title={words.title}>
        {words.detail && <p>{words.detail}</p>}
      </Banner>
      <DataTable
        caption={t('faults')}
        rows={places}
        rowKey={({ index }) => String(index)}
        columns={[
          { key: 'row', header: t('faultRow'), numeric: true, isHeader: true, cell: ({ row }) => row ?? '—' },
          { key: 'column', header: t('faultColumn'), numeric: true, cell: ({ column }) => column ?? '—' },
          { key: 'message', header: t('faultMessage'), isProse: true, cell: ({ message }) => message },
        ]}
      />
    </div>
  );
}
