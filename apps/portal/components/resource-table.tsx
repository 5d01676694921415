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
  isFetchNextPageError?: boolean;
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
  const problem = query.error && (
    <ProblemNotice
      error={query.error}
      onRetry={() => (query.isFetchNextPageError ? query.fetchNextPage?.() : query.refetch())}
    />
  );
  // What was read before stays in sight
  if (problem && table.rows.length === 0) return problem;
  return (
    <div className="flex flex-col gap-4">
      {!query.isFetchNextPageError && problem}
      {table.rows.length > 0 && <DataTable {...table} />}
      {/* A page of which nothing is shown is not the end */}
      {table.rows.length === 0 && <p className="rounded-8 bg-solid-gray-50 p-8 text-center">{empty}</p>}
      {query.isFetchNextPageError && problem}
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
