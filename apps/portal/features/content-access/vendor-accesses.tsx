'use client';

import { useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type VendorContentAccess, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Named } from '../../components/named.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { AskAccessDialog } from './ask-access-dialog.tsx';
import { ACCESS_TONES, useAccessWords } from './use-access-words.ts';

export const VENDOR_ACCESSES_KEY = ['vendor-content-accesses'] as const;
const REFRESH_MS = 5_000;

/** Everything the vendor's people asked to read, of all cities. */
export function VendorAccessesPage() {
  const t = useTranslations('contentAccess');
  return (
    <>
      <PageHeader title={t('vendorTitle')} lead={t('vendorLead')} />
      <VendorAccesses cityId={undefined} />
    </>
  );
}

/** The same of one city, and where it is asked for. */
export function AccessTab({ city }: { city: { id: string; code: string; name: string } }) {
  const t = useTranslations('contentAccess');
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-4">
        <p className="max-w-[48rem]">{t('tabLead')}</p>
        <Button onClick={() => setAsking(true)}>{t('ask')}</Button>
      </div>
      <VendorAccesses cityId={city.id} />
      {isAsking && (
        <AskAccessDialog
          city={city}
          onAsked={() => client.invalidateQueries({ queryKey: VENDOR_ACCESSES_KEY })}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  );
}

function VendorAccesses({ cityId }: { cityId: string | undefined }) {
  const t = useTranslations('contentAccess');
  const accesses = usePages(
    [...VENDOR_ACCESSES_KEY, cityId],
    (cursor, signal) =>
      unwrap(api.GET('/api/ops/v1/content-accesses', { params: { query: { cursor, cityId } }, signal })),
    REFRESH_MS,
  );
  return (
    <ResourceTable
      caption={t('vendorTitle')}
      query={accesses}
      rows={accesses.rows}
      rowKey={({ id }) => id}
      columns={useVendorColumns(cityId === undefined)}
      empty={t('vendorEmpty')}
    />
  );
}

function useVendorColumns(ofAllCities: boolean): Column<VendorContentAccess>[] {
  const t = useTranslations('contentAccess');
  const { time } = useFormats();
  const words = useAccessWords();
  const city: Column<VendorContentAccess> = {
    key: 'city',
    header: t('city'),
    cell: (access) => <Named {...access.city} />,
  };
  return [
    {
      key: 'ticket',
      header: t('ticket'),
      isHeader: true,
      cell: ({ id, ticket, askedBy, askedAt }) => (
        <Named
          name={
            <Link href={`/ops/content-accesses/${id}`} className="text-key-900 underline underline-offset-4">
              {ticket}
            </Link>
          }
          code={`${askedBy} ${time(askedAt)}`}
        />
      ),
    },
    ...(ofAllCities ? [city] : []),
    {
      key: 'state',
      header: t('state'),
      isProse: true,
      cell: (access) => (
        <div className="flex flex-col items-start gap-1">
          <Badge tone={ACCESS_TONES[access.state]}>{t(`states.${access.state}`)}</Badge>
          <span className="text-dns-14N-130">{words.course(access)}</span>
        </div>
      ),
    },
    { key: 'reach', header: t('reach'), isProse: true, cell: (access) => words.reach(access) },
    { key: 'minutes', header: t('duration'), cell: ({ minutes }) => t('minutes', { minutes }) },
    { key: 'reason', header: t('reason'), isProse: true, cell: ({ reason }) => reason },
  ];
}
