'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type IssuedInvoice, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import type { Messages } from '../../i18n/messages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import { useNetworkRules } from '../session/network-rules.ts';
import { DownloadMenu } from './download-menu.tsx';
import { CallDetail, CityInvoiceCalls } from './invoice-calls.tsx';
import { InvoiceContentsView } from './invoice-contents.tsx';
import { Fact } from './invoice-page.tsx';
import { INVOICES_KEY, STATE_TONES, useYen } from './use-invoices.ts';

/** One invoice as the city got it, and its 検収. */
export function CityInvoicePage({ id }: { id: string }) {
  const t = useTranslations('invoices');
  const { month } = useFormats();
  const { takeOut } = useNetworkRules();
  const {
    data: invoice,
    error,
    refetch,
  } = useQuery({
    queryKey: [...INVOICES_KEY, id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/invoices/{id}', { params: { path: { id } }, signal })),
  });
  return (
    <>
      <Link href="/admin/invoices" className="w-fit text-key-900 underline underline-offset-4 print:hidden">
        {t('back')}
      </Link>
      {error && !invoice && <PageHeader title={t('title')} />}
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!invoice && !error && <Skeleton rows={6} />}
      {invoice && (
        <>
          <PageHeader
            title={`${t(`kinds.${invoice.kind}`)} ${month(invoice.month)}`}
            actions={<Acceptance invoice={invoice} />}
          />
          <Facts invoice={invoice} />
          {takeOut.export && <DownloadMenu plane="city" invoice={invoice} />}
          <InvoiceContentsView contents={invoice.contents} sums={invoice} />
          {invoice.kind === 'invoice' && (
            <CallDetail>
              <CityInvoiceCalls id={id} />
            </CallDetail>
          )}
        </>
      )}
    </>
  );
}

/** 検収 asks first; an objection wants its reason. */
function Acceptance({ invoice }: { invoice: IssuedInvoice }) {
  const t = useTranslations('invoices');
  const me = useSignedIn();
  const client = useQueryClient();
  const yen = useYen();
  const [open, setOpen] = useState<'accept' | 'dispute' | null>(null);
  const params = { path: { id: invoice.id } };
  const refresh = () => client.invalidateQueries({ queryKey: INVOICES_KEY });
  const close = () => setOpen(null);
  const isOpen = invoice.state === 'issued' || invoice.state === 'disputed';
  if (!isOpen || invoice.kind !== 'invoice' || !can(me, 'invoice:accept')) return null;
  return (
    <>
      <Button onClick={() => setOpen('accept')}>{t('accept')}</Button>
      {invoice.state === 'issued' && (
        <Button look="outline" onClick={() => setOpen('dispute')}>
          {t('object')}
        </Button>
      )}
      {open === 'accept' && (
        <ConfirmDialog
          title={t('acceptTitle')}
          confirmLabel={t('accept')}
          onConfirm={async () => {
            await unwrap(api.POST('/api/v1/invoices/{id}/accept', { params }));
            await refresh();
          }}
          onClose={close}
        >
          {t('acceptLead', { number: invoice.number ?? '', total: yen(invoice.totalJpy) })}
        </ConfirmDialog>
      )}
      {open === 'dispute' && (
        <FormDialog
          title={t('object')}
          submitLabel={t('object')}
          fields={[{ name: 'reason', label: t('reason'), hint: t('objectHint'), required: true, maxLength: 500 }]}
          onSubmit={async (body) => {
            await unwrap(api.POST('/api/v1/invoices/{id}/dispute', { params, body }));
            await refresh();
          }}
          onClose={close}
        />
      )}
    </>
  );
}

function Facts({ invoice }: { invoice: IssuedInvoice }) {
  const t = useTranslations('invoices');
  const { day } = useFormats();
  const yen = useYen();
  const { state, number, issuedOn, dueOn, paidOn, dispute, issuer, totalJpy, sha256 } = invoice;
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-3">
      <Fact name={t('state')}>
        <Badge tone={STATE_TONES[state]}>{t(`cityStates.${state as keyof Messages['invoices']['cityStates']}`)}</Badge>
      </Fact>
      <Fact name={t('total')}>
        <strong>{yen(totalJpy)}</strong>
      </Fact>
      <Fact name={t('number')}>{number}</Fact>
      <Fact name={t('issuedOn')}>{day(issuedOn)}</Fact>
      {dueOn && <Fact name={t('dueOn')}>{day(dueOn)}</Fact>}
      {paidOn && <Fact name={t('paidOn')}>{day(paidOn)}</Fact>}
      <Fact name={t('issuer')}>
        {issuer.name}（{issuer.registrationNumber}）
      </Fact>
      {dispute && <Fact name={t('dispute')}>{dispute}</Fact>}
      <Fact name={t('hash')}>
        <code className="break-all">{sha256}</code>
      </Fact>
    </dl>
  );
}
