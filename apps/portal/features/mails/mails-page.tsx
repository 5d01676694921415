'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type MailRecord, unwrap } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { SelectField } from '../../components/field.tsx';
import { Named } from '../../components/named.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { useCityName } from '../cities/use-city-name.ts';
import { api } from '../session/api.ts';
import { MailState } from './mail-state.tsx';

type State = MailRecord['state'];

const MAILS_KEY = ['mails'] as const;
const REFRESH_MS = 30_000;
const STATES: readonly State[] = ['waiting', 'failed', 'sent', 'dropped'];
const TONES: Record<State, BadgeTone> = { waiting: 'yellow', failed: 'red', sent: 'green', dropped: 'neutral' };

/** How mails to the people of cities fare; what was given up is sent again. */
export function MailsPage() {
  const t = useTranslations('mails');
  const client = useQueryClient();
  const [state, setState] = useState<State | ''>('');
  const mails = usePages(
    [...MAILS_KEY, state],
    (cursor, signal) =>
      unwrap(api.GET('/api/ops/v1/mails', { params: { query: { cursor, ...(state && { state }) } }, signal })),
    REFRESH_MS,
  );
  const resend = useMutation({
    mutationFn: (id: string) => unwrap(api.POST('/api/ops/v1/mails/{id}/resend', { params: { path: { id } } })),
    onSettled: () =>
      Promise.all([MAILS_KEY, ['mail-counts']].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <MailState />
      <search className="sm:max-w-80">
        <SelectField
          label={t('state')}
          value={state}
          onChange={(event) => setState(event.target.value as State | '')}
          placeholder={t('allStates')}
          choices={STATES.map((value) => ({ value, label: t(`states.${value}`) }))}
        />
      </search>
      {resend.error && <ProblemNotice error={resend.error} />}
      <ResourceTable
        caption={t('title')}
        query={mails}
        rows={mails.rows}
        rowKey={({ id }) => id}
        columns={useMailColumns({ resend: resend.mutate, isBusy: resend.isPending })}
        empty={t(state ? 'noneFound' : 'empty')}
      />
    </>
  );
}

interface Acts {
  resend: (id: string) => void;
  isBusy: boolean;
}

function useMailColumns({ resend, isBusy }: Acts): Column<MailRecord>[] {
  const t = useTranslations('mails');
  const common = useTranslations('common');
  const { time } = useFormats();
  const cityName = useCityName();
  return [
    {
      key: 'kind',
      header: t('kind'),
      isHeader: true,
      cell: ({ kind, city }) => <Named name={t(`kinds.${kindKey(kind)}`)} code={cityName(city)} />,
    },
    {
      key: 'state',
      header: t('state'),
      isProse: true,
      cell: ({ state, reason, relayCode }) => (
        <>
          <Badge tone={TONES[state]}>{t(`states.${state}`)}</Badge>
          {reason && <span className="block text-dns-14N-130">{t(`reasons.${reason}`)}</span>}
          {relayCode && <span className="block text-dns-14N-130">{t('relaySaid', { code: relayCode })}</span>}
        </>
      ),
    },
    { key: 'address', header: t('address'), cell: ({ address }) => address ?? '—' },
    { key: 'createdAt', header: t('createdAt'), cell: ({ createdAt }) => time(createdAt) },
    {
      key: 'tries',
      header: t('tries'),
      cell: ({ tries, lastTriedAt, nextTryAt }) => (
        <Named
          name={t('triesOf', { tries, time: time(lastTriedAt) })}
          code={nextTryAt ? t('nextTry', { time: time(nextTryAt) }) : ''}
        />
      ),
    },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: ({ id, kind, city, resendUntil }) =>
        resendUntil && (
          <Button
            look="outline"
            size="sm"
            inactive={isBusy}
            aria-label={t('resendOf', { kind: t(`kinds.${kindKey(kind)}`), city: cityName(city) })}
            onClick={() => resend(id)}
          >
            {t('resend')}
          </Button>
        ),
    },
  ];
}

/** A dot would be a path into the messages. */
const kindKey = <Kind extends string>(kind: Kind) => kind.replace('.', '-') as DotsToHyphens<Kind>;
type DotsToHyphens<Kind extends string> = Kind extends `${infer Area}.${infer Fact}` ? `${Area}-${Fact}` : Kind;
