'use client';

import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import type { FormEvent } from 'react';
import { useTranslations } from 'use-intl';
import { type Me, type VendorMe, unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { homeOf, safePath, vendorHomeOf } from './access.ts';
import { api } from './api.ts';
import { EntryFrame } from './entry-frame.tsx';
import { ME_KEY, VENDOR_ME_KEY } from './use-session.ts';

type Credentials = Record<'cityCode' | 'loginId' | 'password', string>;

/** Goes on to where the person wanted to be, forgetting everything cached for whoever was here before. */
function useEnter<Holder>(key: readonly string[], home: (holder: Holder) => string) {
  const client = useQueryClient();
  const router = useRouter();
  const next = safePath(useSearchParams().get('next'));
  return (holder: Holder) => {
    client.clear();
    client.setQueryData(key, holder);
    router.replace(next ?? home(holder));
  };
}

export function CitySignIn() {
  const enter = useEnter<Me>(ME_KEY, homeOf);
  const signIn = useMutation({
    mutationFn: (body: Credentials) => unwrap(api.POST('/api/v1/sessions', { body })),
    onSuccess: enter,
  });
  return <SignInForm signIn={signIn} plane="city" />;
}

export function VendorSignIn() {
  const enter = useEnter<VendorMe>(VENDOR_ME_KEY, vendorHomeOf);
  const signIn = useMutation({
    mutationFn: ({ loginId, password }: Credentials) =>
      unwrap(api.POST('/api/ops/v1/sessions', { body: { loginId, password } })),
    onSuccess: enter,
  });
  return <SignInForm signIn={signIn} plane="vendor" />;
}

interface SignInFormProps {
  signIn: UseMutationResult<unknown, Error, Credentials>;
  plane: 'city' | 'vendor';
}

function SignInForm({ signIn, plane }: SignInFormProps) {
  const t = useTranslations('signIn');
  const isExpired = useSearchParams().get('reason') === 'expired';
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => String(data.get(name) ?? '');
    signIn.mutate({ cityCode: text('cityCode').trim(), loginId: text('loginId').trim(), password: text('password') });
  };
  return (
    <EntryFrame
      title={t(plane === 'city' ? 'title' : 'vendorTitle')}
      lead={t(plane === 'city' ? 'lead' : 'vendorLead')}
    >
      {isExpired && !signIn.error && <Banner tone="info" role="status" title={t('expired')} />}
      {signIn.error && <ProblemNotice error={signIn.error} />}
      <form onSubmit={submit} className="flex flex-col gap-5">
        {plane === 'city' && (
          <TextField
            name="cityCode"
            label={t('cityCode')}
            hint={t('cityCodeHint')}
            required
            inputMode="numeric"
            maxLength={6}
            autoComplete="organization"
          />
        )}
        <TextField name="loginId" label={t('loginId')} required autoComplete="username" autoCapitalize="none" />
        <TextField name="password" label={t('password')} required type="password" autoComplete="current-password" />
        <Button type="submit" inactive={signIn.isPending}>
          {signIn.isPending ? t('signingIn') : t('submit')}
        </Button>
      </form>
    </EntryFrame>
  );
}
