'use client';

import { useTranslations } from 'use-intl';
import type { IdentityProvider } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
import { Banner } from '../../components/banner.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';

type Certificate = IdentityProvider['certificates'][number];

const TONES: Record<Certificate['state'], BadgeTone> = {
  valid: 'green',
  'ends-soon': 'yellow',
  expired: 'red',
  'not-yet-valid': 'neutral',
};

/** The certificates an identity provider signs with; nobody can sign in any more when the last has ended. */
export function ProviderCertificates({ certificates }: { certificates: readonly Certificate[] }) {
  const t = useTranslations('identityProviders');
  const { time } = useFormats();
  if (certificates.length === 0) return null;
  const holds = certificates.some(({ state }) => state === 'valid');
  const allExpired = certificates.every(({ state }) => state === 'expired');
  return (
    <>
      {!holds && (
        <Banner
          tone={allExpired ? 'error' : 'warning'}
          title={t(allExpired ? 'certificatesExpired' : 'certificatesEnd')}
        >
          {t('certificatesHint')}
        </Banner>
      )}
      <DataTable
        caption={t('certificates')}
        rows={certificates}
        rowKey={({ fingerprint }) => fingerprint}
        columns={[
          { key: 'subject', header: t('subject'), isHeader: true, isProse: true, cell: ({ subject }) => subject },
          { key: 'from', header: t('validFrom'), cell: ({ validFrom }) => time(validFrom) },
          { key: 'to', header: t('validTo'), cell: ({ validTo }) => time(validTo) },
          {
            key: 'state',
            header: t('state'),
            cell: ({ state }) => <Badge tone={TONES[state]}>{t(`states.${state}`)}</Badge>,
          },
        ]}
      />
    </>
  );
}
