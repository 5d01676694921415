'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { type InvoiceDetail, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Named } from '../../components/named.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import type { Messages } from '../../i18n/messages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { DownloadMenu } from './download-menu.tsx';
import { InvoiceActions } from './invoice-actions.tsx';
import { CallDetail, VendorInvoiceCalls } from './invoice-calls.tsx';
import { InvoiceContentsView, Section } from './invoice-contents.tsx';
import { InvoiceDifference } from './invoice-difference.tsx';
import { INVOICES_KEY, STATE_TONES, useYen } from './use-invoices.ts';

/** One invoice as the vendor sees it: what it says, how it differs from last month's, what it is made of, who did what. */
export function InvoicePage({ id }: { id: string }) {
  const t = useTranslations('invoices');
  const { month } = useFormats();
  const {
    data: invoice,
    error,
    refetch,
  } = useQuery({
    queryKey: [...INVOICES_KEY, id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/finance/v1/invoices/{id}', { params: { path: { id } }, signal })),
  });
  return (
    <>
      <Link href="/finance/invoices" className="w-fit text-key-900 underline underline-offset-4 print:hidden">
        {t('back')}
      </Link>
      {error && !invoice && <PageHeader title={t('title')} />}
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!invoice && !error && <Skeleton rows={6} />}
      {invoice && (
        <>
          <PageHeader
            title={`${invoice.cityName} ${month(invoice.month)} ${t(`kinds.${invoice.kind}`)}`}
            actions={<InvoiceActions invoice={invoice} />}
          />
          <Facts invoice={invoice} />
          <DownloadMenu plane="finance" invoice={invoice} />
          <InvoiceContentsView contents={invoice.contents} sums={invoice} />
          {invoice.kind === 'invoice' && (
            <>
              <InvoiceDifference id={id} />
              <CallDetail>
                <VendorInvoiceCalls id={id} />
              </CallDetail>
            </>
          )}
          <Events events={invoice.events} />
        </>
      )}
    </>
  );
}

function Facts({ invoice }: { invoice: InvoiceDetail }) {
  const t = useTranslations('invoices');
  const { day } = useFormats();
  const yen = useYen();
  const { state, number, issuedOn, dueOn, paidOn, dispute, sha256, totalJpy } = invoice;
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-3">
      <Fact name={t('state')}>
        <Badge tone={STATE_TONES[state]}>{t(`states.${state}`)}</Badge>
      </Fact>
      <Fact name={t('total')}>
        <strong>{yen(totalJpy)}</strong>
      </Fact>
      {number && <Fact name={t('number')}>{number}</Fact>}
      {issuedOn && <Fact name={t('issuedOn')}>{day(issuedOn)}</Fact>}
      {dueOn && <Fact name={t('dueOn')}>{day(dueOn)}</Fact>}
      {paidOn && <Fact name={t('paidOn')}>{day(paidOn)}</Fact>}
      {dispute && <Fact name={t('dispute')}>{dispute}</Fact>}
      {sha256 && (
        <Fact name={t('hash')}>
          <code className="break-all">{sha256}</code>
        </Fact>
      )}
    </dl>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1">
      <dt className="text-dns-14N-130 text-solid-gray-700">{name}</dt>
      <dd className="text-std-16N-170">{children}</dd>
    </div>
  );
}

function Events({ events }: { events: InvoiceDetail['events'] }) {
  const t = useTranslations('invoices');
  const { exactTime } = useFormats();
  return (
    <Section title={t('events')}>
      <ol className="flex flex-col gap-2">
        {events.map(({ step, at, by, reason }) => (
          <li key={step + at} className="text-std-16N-170">
            <Named
              name={t(`stepsTaken.${step as keyof Messages['invoices']['stepsTaken']}`)}
              code={[exactTime(at), by].filter(Boolean).join(' ')}
            />
            {reason && <p>{reason}</p>}
          </li>
        ))}
      </ol>
    </Section>
  );
}
