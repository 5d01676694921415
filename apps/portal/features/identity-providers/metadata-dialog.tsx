'use client';

import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useTranslations } from 'use-intl';
import type { IdentityProvider } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { useProviderActions } from './use-providers.ts';

interface MetadataDialogProps {
  provider: IdentityProvider;
  onClose: () => void;
}

const FLOWS = ['id_token', 'code'] as const;

/** Takes the files the identity provider's administrator hands out; nothing in them is fetched. */
export function MetadataDialog({ provider, onClose }: MetadataDialogProps) {
  const t = useTranslations('identityProviders');
  const common = useTranslations('common');
  const { uploadSaml, uploadOidc } = useProviderActions();
  const send = useMutation({
    mutationFn: async (data: FormData) => {
      const file = async (name: string) => (data.get(name) as File).text();
      const text = (name: string) => String(data.get(name) ?? '').trim();
      if (provider.kind === 'saml') return uploadSaml(provider.id, await file('metadata'));
      const clientSecret = text('clientSecret');
      return uploadOidc(provider.id, {
        metadata: await file('metadata'),
        keys: await file('keys'),
        clientId: text('clientId'),
        flow: text('flow') === 'code' ? 'code' : 'id_token',
        ...(clientSecret && { clientSecret }),
      });
    },
    onSuccess: onClose,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    send.mutate(new FormData(event.currentTarget));
  };
  const { configured } = provider;
  return (
    <Dialog title={t('upload')} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-5">
        {provider.kind === 'saml' ? (
          <TextField
            name="metadata"
            type="file"
            accept=".xml,text/xml,application/xml"
            label={t('samlFile')}
            hint={t('samlFileHint')}
            required
          />
        ) : (
          <>
            <TextField
              name="metadata"
              type="file"
              accept=".json,application/json"
              label={t('oidcFile')}
              hint={t('oidcFileHint')}
              required
            />
            <TextField
              name="keys"
              type="file"
              accept=".json,application/json"
              label={t('keysFile')}
              hint={t('keysFileHint')}
              required
            />
            <TextField
              name="clientId"
              label={t('clientId')}
              defaultValue={configured?.clientId ?? ''}
              autoComplete="off"
              required
            />
            <SelectField
              name="flow"
              label={t('flow')}
              hint={t('flowHint')}
              defaultValue={configured?.flow ?? 'id_token'}
              choices={FLOWS.map((value) => ({ value, label: t(`flows.${value}`) }))}
            />
            <TextField
              name="clientSecret"
              type="password"
              label={t('clientSecret')}
              hint={t(configured?.hasClientSecret ? 'clientSecretKept' : 'clientSecretHint')}
              autoComplete="off"
            />
          </>
        )}
        {send.error && <ProblemNotice error={send.error} />}
        <div className="flex flex-wrap justify-end gap-3">
          <Button look="outline" onClick={onClose}>
            {common('cancel')}
          </Button>
          <Button type="submit" inactive={send.isPending}>
            {send.isPending ? common('sending') : t('uploadSubmit')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
