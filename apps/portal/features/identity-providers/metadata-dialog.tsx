'use client';

import { useTranslations } from 'use-intl';
import type { IdentityProvider } from '#libs/api-client';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useProviderActions } from './use-providers.ts';

interface MetadataDialogProps {
  provider: IdentityProvider;
  onClose: () => void;
}

const FLOWS = ['id_token', 'code'] as const;
const XML = '.xml,text/xml,application/xml';
const JSON_FILE = '.json,application/json';

/** Takes the files the identity provider's administrator hands out; nothing in them is fetched. */
export function MetadataDialog(props: MetadataDialogProps) {
  return props.provider.kind === 'saml' ? <SamlDialog {...props} /> : <OidcDialog {...props} />;
}

function SamlDialog({ provider, onClose }: MetadataDialogProps) {
  const t = useTranslations('identityProviders');
  const { uploadSaml } = useProviderActions();
  return (
    <FormDialog
      title={t('upload')}
      submitLabel={t('uploadSubmit')}
      fields={[{ name: 'metadata', label: t('samlFile'), hint: t('samlFileHint'), accept: XML, required: true }]}
      onSubmit={({ metadata }) => uploadSaml(provider.id, metadata)}
      onClose={onClose}
    />
  );
}

function OidcDialog({ provider: { id, configured }, onClose }: MetadataDialogProps) {
  const t = useTranslations('identityProviders');
  const { uploadOidc } = useProviderActions();
  return (
    <FormDialog
      title={t('upload')}
      submitLabel={t('uploadSubmit')}
      fields={[
        { name: 'metadata', label: t('oidcFile'), hint: t('oidcFileHint'), accept: JSON_FILE, required: true },
        { name: 'keys', label: t('keysFile'), hint: t('keysFileHint'), accept: JSON_FILE, required: true },
        { name: 'clientId', label: t('clientId'), initial: configured?.clientId ?? '', required: true },
        {
          name: 'flow',
          label: t('flow'),
          hint: t('flowHint'),
          initial: configured?.flow ?? 'id_token',
          choices: FLOWS.map((value) => ({ value, label: t(`flows.${value}`) })),
        },
        {
          name: 'clientSecret',
          label: t('clientSecret'),
          hint: t(configured?.hasClientSecret ? 'clientSecretKept' : 'clientSecretHint'),
          password: 'off',
        },
      ]}
      onSubmit={({ metadata, keys, clientId, flow, clientSecret }) =>
        uploadOidc(id, {
          metadata,
          keys,
          clientId,
          flow: flow === 'code' ? 'code' : 'id_token',
          ...(clientSecret.trim() && { clientSecret: clientSecret.trim() }),
        })
      }
      onClose={onClose}
    />
  );
}
