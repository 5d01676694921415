'use client';

import { useTranslations } from 'use-intl';
import { Button } from './button.tsx';
import { DataTable, type DataTableProps } from './data-table.tsx';
import { ProblemNotice } from './problem-notice.tsx';
import { Skeleton } from './skeleton.tsx';

/** What a table needs to know of a query; both a plain and a paged query of the query client have it. */
interface Loading {
  isPending: boolean;
  error: Error | null;
  refetch: () => unknown;
  hasNextPage?: boolean;
  isFetchingNextPage?: boolean;
  fetchNextPage?: () => unknown;
}

interface ResourceTableProps<Row> extends DataTableProps<Row> {
  query: Loading;
  empty: string;
}

/** The one way lists of the API are shown: loading, failed, empty, filled, and "more" while there is more. */
export function ResourceTable<Row>({ query, empty, ...table }: ResourceTableProps<Row>) {
  const t = useTranslations('common');
  if (query.isPending) return <Skeleton rows={6} />;
  if (query.error) return <ProblemNotice error={query.error} onRetry={() => query.refetch()} />;
  if (table.rows.length === 0) return <p className="rounded-8 bg-solid-gray-50 p-8 text-center">{empty}</p>;
  return (
    <div className="flex flex-col gap-4">
      <DataTable {...table} />
      {query.hasNextPage && (
        <Button
          look="outline"
          size="sm"
          className="self-center"
          inactive={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage?.()}
        >
          {query.isFetchingNextPage ? t('loading') : t('loadMore')}
        </Button>
      )}
    </div>
  );
}
