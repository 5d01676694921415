'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { IdentityProvider } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { ProvisioningSection } from '../provisioning/provisioning-section.tsx';
import { useAttemptKey } from '../session/use-attempt-key.ts';
import { MetadataDialog } from './metadata-dialog.tsx';
import { ProviderCard, type ProviderDialog } from './provider-card.tsx';
import { RulesDialog } from './rules-dialog.tsx';
import { useProviderActions, useProviders } from './use-providers.ts';

const KINDS = ['saml', 'oidc'] as const;

type Open = { dialog: 'create' } | { dialog: ProviderDialog; provider: IdentityProvider };

/** サインイン連携: the city's own identity providers, and what they keep, on the network of whoever looks. */
export function IdentityProvidersPage() {
  const t = useTranslations('identityProviders');
  const providers = useProviders();
  const [open, setOpen] = useState<Open | null>(null);
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={<Button onClick={() => setOpen({ dialog: 'create' })}>{t('create')}</Button>}
      />
      {providers.isPending && <Skeleton rows={6} />}
      {providers.error && <ProblemNotice error={providers.error} onRetry={() => void providers.refetch()} />}
      {providers.data?.items.length === 0 && <p className="rounded-8 bg-solid-gray-50 p-8 text-center">{t('empty')}</p>}
      {providers.data?.items.map((provider) => (
        <ProviderCard key={provider.id} provider={provider} onOpen={(dialog) => setOpen({ dialog, provider })} />
      ))}
      <ProvisioningSection />
      {open && <OpenDialog open={open} onClose={() => setOpen(null)} />}
    </>
  );
}

function OpenDialog({ open, onClose }: { open: Open; onClose: () => void }) {
  const t = useTranslations('identityProviders');
  const { create, change, remove } = useProviderActions();
  const { keyOf } = useAttemptKey();
  if (open.dialog === 'create')
    return (
      <FormDialog
        title={t('create')}
        submitLabel={t('createSubmit')}
        onClose={onClose}
        onSubmit={({ name, kind }) => {
          const body = { name, kind: kind === 'oidc' ? 'oidc' : 'saml' } as const;
          return create(body, keyOf(body));
        }}
        fields={[
          { name: 'name', label: t('name'), hint: t('nameHint'), required: true, maxLength: 100 },
          {
            name: 'kind',
            label: t('kind'),
            hint: t('kindHint'),
            required: true,
            initial: 'saml',
            choices: KINDS.map((value) => ({ value, label: t(`kinds.${value}`) })),
          },
        ]}
      />
    );
  const { provider } = open;
  if (open.dialog === 'metadata') return <MetadataDialog provider={provider} onClose={onClose} />;
  if (open.dialog === 'rules') return <RulesDialog provider={provider} onClose={onClose} />;
  const isRemoval = open.dialog === 'remove';
  return (
    <ConfirmDialog
      title={t(isRemoval ? 'remove' : 'disable')}
      confirmLabel={t(isRemoval ? 'removeConfirm' : 'disableConfirm')}
      danger
      onConfirm={() => (isRemoval ? remove(provider.id) : change(provider.id, { enabled: false }))}
      onClose={onClose}
    >
      {t(isRemoval ? 'removeLead' : 'disableLead', { name: provider.name })}
    </ConfirmDialog>
  );
}
