'use client';

import { useMutation } from '@tanstack/react-query';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { IdentityProvider } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Banner } from '../../components/banner.tsx';
import { Button, buttonClass } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { ProviderCertificates } from './provider-certificates.tsx';
import { ProviderTest } from './provider-test.tsx';
import { useProviderActions } from './use-providers.ts';

export type ProviderDialog = 'metadata' | 'rules' | 'disable' | 'remove';

interface ProviderCardProps {
  provider: IdentityProvider;
  onOpen: (dialog: ProviderDialog) => void;
}

/** One identity provider: what it must know of us, whether its certificates hold, and what came of the last trial. */
export function ProviderCard({ provider, onOpen }: ProviderCardProps) {
  const t = useTranslations('identityProviders');
  const { time } = useFormats();
  const { change, test } = useProviderActions();
  const act = useMutation({ mutationFn: (work: () => Promise<unknown>) => work() });
  const { id, kind, name, enabled, configured, addresses } = provider;
  const known =
    kind === 'saml'
      ? [
          [t('addresses.saml.entityId'), addresses.entityId],
          [t('addresses.saml.assertionConsumer'), addresses.assertionConsumer],
        ]
      : [
          [t('addresses.oidc.callback'), addresses.callback],
          [t('addresses.oidc.assertionConsumer'), addresses.assertionConsumer],
        ];
  return (
    <section aria-labelledby={id} className="flex flex-col gap-4 rounded-12 border border-solid-gray-420 p-4 sm:p-6">
      <div className="flex flex-wrap items-center gap-3">
        <h2 id={id} className="text-std-20B-150 break-all">
          {name}
        </h2>
        <Badge>{t(`kinds.${kind}`)}</Badge>
        <Badge tone={enabled ? 'green' : 'neutral'}>{t(enabled ? 'enabled' : 'disabled')}</Badge>
      </div>
      {!configured && (
        <Banner tone="info" title={t('notConfigured')}>
          {t('notConfiguredHint')}
        </Banner>
      )}
      <dl className="grid grid-cols-1 gap-x-6 gap-y-3 sm:grid-cols-[16rem_1fr]">
        {known.map(([label = '', address = '']) => (
          <Row key={label} label={label}>
            <code className="font-mono text-dns-14N-130 break-all">{address}</code>
            <CopyButton size="xs" text={address} label={t('copy')} />
          </Row>
        ))}
        {configured && (
          <Row label={t('issuer')}>
            <span className="break-all">{configured.issuer}</span>
          </Row>
        )}
        <Row label={t('createdAt')}>{time(provider.createdAt)}</Row>
      </dl>
      <ProviderCertificates certificates={provider.certificates} />
      <ProviderTest result={provider.lastTest} />
      {act.error && <ProblemNotice error={act.error} />}
      <div className="flex flex-wrap gap-3">
        {kind === 'saml' && (
          <a className={buttonClass('outline', 'sm')} href={`/api/v1/identity-providers/${id}/service-provider.xml`}>
            {t('ownMetadata')}
          </a>
        )}
        <Button look="outline" size="sm" aria-label={t('uploadOf', { name })} onClick={() => onOpen('metadata')}>
          {t('upload')}
        </Button>
        <Button look="outline" size="sm" aria-label={t('rulesOf', { name })} onClick={() => onOpen('rules')}>
          {t('changeRules')}
        </Button>
        <Link
          className={buttonClass('outline', 'sm')}
          aria-label={t('membersOf', { name })}
          href={`/admin/sign-in/${id}`}
        >
          {t('members')}
        </Link>
        {configured && (
          <Button look="outline" size="sm" inactive={act.isPending} onClick={() => act.mutate(() => test(id))}>
            {t('test')}
          </Button>
        )}
        {configured && !enabled && (
          <Button size="sm" inactive={act.isPending} onClick={() => act.mutate(() => change(id, { enabled: true }))}>
            {t('enable')}
          </Button>
        )}
        {enabled ? (
          <Button look="outline" size="sm" onClick={() => onOpen('disable')}>
            {t('disable')}
          </Button>
        ) : (
          <Button look="text" size="sm" aria-label={t('removeOf', { name })} onClick={() => onOpen('remove')}>
            {t('remove')}
          </Button>
        )}
      </div>
    </section>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-std-16B-170">{label}</dt>
      <dd className="flex flex-wrap items-center gap-2">{children}</dd>
    </>
  );
}
