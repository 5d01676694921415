'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type UsageCorrection, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Named } from '../../components/named.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useVendorMe } from '../session/use-session.ts';
import { CORRECTIONS_KEY, CORRECTION_KINDS } from './corrections.ts';

/** What was proposed to correct, newest first; who is not its proposer approves it. */
export function UsageCorrections() {
  const t = useTranslations('corrections');
  const common = useTranslations('common');
  const { exactTime, month } = useFormats();
  const me = useVendorMe().data;
  const client = useQueryClient();
  const [open, setOpen] = useState<UsageCorrection | null>(null);
  const [billedIn, setBilledIn] = useState<string | null>(null);
  const corrections = usePages(CORRECTIONS_KEY, (cursor, signal) =>
    unwrap(api.GET('/api/finance/v1/usage-corrections', { params: { query: { cursor } }, signal })),
  );
  const callOf = ({ acceptedAt, model }: UsageCorrection) => `${exactTime(acceptedAt)} ${model}`;
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-std-20B-150">{t('title')}</h2>
      <p className="text-std-16N-170">{t('lead')}</p>
      <p role="status" className="text-std-16N-170 empty:hidden">
        {billedIn && t('approved', { month: month(billedIn) })}
      </p>
      <ResourceTable
        caption={t('title')}
        query={corrections}
        rows={corrections.rows}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'call',
            header: t('call'),
            isHeader: true,
            cell: (row) => <Named name={row.cityName} code={callOf(row)} />,
          },
          { key: 'change', header: t('change'), cell: (row) => <Changes correction={row} /> },
          { key: 'reason', header: t('reason'), isProse: true, cell: ({ reason }) => reason },
          {
            key: 'proposedBy',
            header: t('proposedBy'),
            cell: ({ proposedBy, proposedAt }) => <Named name={proposedBy} code={exactTime(proposedAt)} />,
          },
          {
            key: 'state',
            header: t('state'),
            cell: ({ billingMonth }) =>
              billingMonth ? (
                <Badge tone="green">{t('billedIn', { month: month(billingMonth) })}</Badge>
              ) : (
                <Badge tone="yellow">{t('waiting')}</Badge>
              ),
          },
          { key: 'approvedBy', header: t('approvedBy'), cell: ({ approvedBy }) => approvedBy ?? '—' },
          {
            key: 'actions',
            header: common('actions'),
            isActions: true,
            cell: (row) =>
              !row.approvedBy &&
              me &&
              can(me, 'invoice:approve') && (
                <Button
                  look="outline"
                  size="sm"
                  aria-label={t('approveOf', { city: row.cityName, call: callOf(row) })}
                  onClick={() => setOpen(row)}
                >
                  {t('approve')}
                </Button>
              ),
          },
        ]}
        empty={t('empty')}
      />
      {open && (
        <ConfirmDialog
          title={t('approveTitle')}
          confirmLabel={t('approve')}
          onConfirm={async () => {
            const params = { path: { id: open.id } };
            const approved = await unwrap(api.POST('/api/finance/v1/usage-corrections/{id}/approve', { params }));
            await client.invalidateQueries({ queryKey: CORRECTIONS_KEY });
            return approved;
          }}
          onDone={({ billingMonth }) => {
            setBilledIn(billingMonth);
            setOpen(null);
          }}
          onClose={() => setOpen(null)}
        >
          <div className="flex flex-col gap-4">
            <Named name={open.cityName} code={callOf(open)} />
            <Changes correction={open} />
            <p>
              {t('reason')}：{open.reason}
            </p>
            <p>{t('approveLead')}</p>
          </div>
        </ConfirmDialog>
      )}
    </section>
  );
}

/** Only what changes, with its sign. */
function Changes({ correction }: { correction: UsageCorrection }) {
  const t = useTranslations('corrections');
  const { number } = useFormats();
  return (
    <ul>
      {CORRECTION_KINDS.filter((kind) => correction[kind] !== 0).map((kind) => (
        <li key={kind} className="tabular-nums">
          {t(`kinds.${kind}`)} {correction[kind] > 0 && '+'}
          {number(correction[kind])}
        </li>
      ))}
    </ul>
  );
}
