'use client';

import { useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type Batch, type BatchRow, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { SelectField } from '../../components/field.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { Markdown } from '../chat/markdown.tsx';
import { api } from '../session/api.ts';
import { beginningOf } from './beginning-of.ts';
import { ROW_STATES, ROW_TONES } from './batch-progress.tsx';
import { rowsKey } from './use-batch.ts';

const CELLS_SHOWN = 3;
/** UTF-16 units of an answer that stand in the table unasked. */
const ANSWER_SHOWN = 80;

/**
 * What became of the rows. Looking is on record, so it is done when asked for, and once more when a round begins or ends:
 * both are part of the key.
 */
export function BatchRows({ batch: { id, state, round } }: { batch: Batch }) {
  const t = useTranslations('batches');
  const client = useQueryClient();
  const [filter, setFilter] = useState('');
  const status = ROW_STATES.find((one) => one === filter);
  const rows = usePages([...rowsKey(id), filter, state, round], (cursor, signal) =>
    unwrap(api.GET('/api/v1/batches/{id}/rows', { params: { path: { id }, query: { cursor, status } }, signal })),
  );
  const refresh = () => void client.invalidateQueries({ queryKey: rowsKey(id) });

  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('results')}</h2>
      <div className="flex flex-wrap items-end justify-between gap-4">
        <SelectField
          label={t('filter')}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          placeholder={t('rowStates.all')}
          choices={ROW_STATES.map((value) => ({ value, label: t(`rowStates.${value}`) }))}
        />
        {state === 'running' && (
          <Button look="outline" onClick={refresh}>
            {t('refresh')}
          </Button>
        )}
      </div>
      <ResourceTable
        caption={t('results')}
        query={rows}
        rows={rows.rows}
        rowKey={({ row }) => String(row)}
        columns={useRowColumns()}
        empty={t('noRows')}
      />
    </section>
  );
}

function useRowColumns(): Column<BatchRow>[] {
  const t = useTranslations('batches');
  const { number } = useFormats();
  return [
    { key: 'row', header: t('row'), numeric: true, isHeader: true, cell: ({ row }) => number(row) },
    {
      key: 'status',
      header: t('state'),
      cell: ({ status }) => <Badge tone={ROW_TONES[status]}>{t(`rowStates.${status}`)}</Badge>,
    },
    {
      key: 'cells',
      header: t('input'),
      isProse: true,
      cell: ({ cells }) =>
        cells.slice(0, CELLS_SHOWN).filter(Boolean).join('／') + (cells.length > CELLS_SHOWN ? '…' : ''),
    },
    {
      key: 'answer',
      header: t('answer'),
      isProse: true,
      cell: ({ answer }) => answer && <Answer text={answer} />,
    },
    {
      key: 'error',
      header: t('error'),
      isProse: true,
      cell: (row) => <Note row={row} />,
    },
  ];
}

/** Why there is no answer, or not all of it. */
function Note({ row: { error, finishReason } }: { row: BatchRow }) {
  const t = useTranslations('batches');
  if (error) return error.title;
  if (finishReason === 'length') return t('cutOff');
  return finishReason === 'content_filter' && t('filtered');
}

/** A long answer shows how it begins, and all of itself when asked, as the chat would show it. */
function Answer({ text }: { text: string }) {
  if (text.length <= ANSWER_SHOWN) return <Markdown text={text} />;
  return (
    <details>
      <summary>{beginningOf(text, ANSWER_SHOWN)}</summary>
      <div className="mt-2 border-t border-solid-gray-300 pt-2">
        <Markdown text={text} />
      </div>
    </details>
  );
}
