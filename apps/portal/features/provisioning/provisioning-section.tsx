'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Provisioning, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { ProvisioningKeys } from './provisioning-keys.tsx';
import { MAPPED_ROLES, readRoleWords, repeatedWord, writeRoleWords } from './role-words.ts';

const KEY = ['provisioning'] as const;

/** Members kept by the city's identity provider (SCIM), on the network of whoever looks. */
export function ProvisioningSection() {
  const t = useTranslations('provisioning');
  const provisioning = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/provisioning', { signal })),
  });
  return (
    <section aria-labelledby="provisioning" className="flex flex-col gap-4">
      <h2 id="provisioning" className="text-std-20B-150">
        {t('title')}
      </h2>
      <p>{t('lead')}</p>
      {provisioning.isPending && <Skeleton rows={3} />}
      {provisioning.error && <ProblemNotice error={provisioning.error} onRetry={() => void provisioning.refetch()} />}
      {provisioning.data && <Settings provisioning={provisioning.data} />}
      <ProvisioningKeys />
    </section>
  );
}

function Settings({ provisioning }: { provisioning: Provisioning }) {
  const t = useTranslations('provisioning');
  const roleNames = useTranslations('roles');
  const { number, time } = useFormats();
  const [isOpen, setOpen] = useState(false);
  const { basePath, members, lastChangedAt, roles } = provisioning;
  const address = `${window.location.origin}${basePath}`;
  return (
    <>
      <dl className="grid grid-cols-1 gap-x-6 gap-y-3 sm:grid-cols-[16rem_1fr]">
        <Row label={t('address')}>
          <code className="font-mono text-dns-14N-130 break-all">{address}</code>
          <CopyButton size="xs" text={address} label={t('copyAddress')} />
        </Row>
        <Row label={t('members')}>{t('memberCount', { count: number(members) })}</Row>
        <Row label={t('lastChangedAt')}>{time(lastChangedAt)}</Row>
        {MAPPED_ROLES.map((role) => (
          <Row key={role} label={t('wordsOf', { role: roleNames(role) })}>
            <span className="break-all">{writeRoleWords(roles, role) || t('noWords')}</span>
          </Row>
        ))}
      </dl>
      <div>
        <Button look="outline" size="sm" onClick={() => setOpen(true)}>
          {t('changeRoles')}
        </Button>
      </div>
      {isOpen && <RolesDialog roles={roles} onClose={() => setOpen(false)} />}
    </>
  );
}

function RolesDialog({ roles, onClose }: { roles: Provisioning['roles']; onClose: () => void }) {
  const t = useTranslations('provisioning');
  const common = useTranslations('common');
  const roleNames = useTranslations('roles');
  const client = useQueryClient();
  return (
    <FormDialog
      title={t('changeRoles')}
      lead={t('changeRolesLead')}
      submitLabel={common('save')}
      fields={MAPPED_ROLES.map((role) => ({
        name: role,
        label: t('wordsOf', { role: roleNames(role) }),
        hint: t(`wordHints.${role}`),
        initial: writeRoleWords(roles, role),
        check: (_, values) => {
          const repeated = repeatedWord({ staff: '', manager: '', auditor: '', admin: '', ...values });
          return repeated && t('repeatedWord', { word: repeated });
        },
      }))}
      onSubmit={async (words) => {
        const body = { roles: readRoleWords(words) };
        client.setQueryData(KEY, await unwrap(api.PUT('/api/v1/provisioning/roles', { body })));
      }}
      onClose={onClose}
    />
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
