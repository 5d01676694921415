'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { api } from './api.ts';

const CODE = /^\d{6}$/;

interface IdentityProviderButtonsProps {
  cityCode: string;
  /** The page the person wanted, and comes back to. */
  returnTo: string | null;
}

/** The city's own identity providers, once its code is there; nothing where it has none. */
export function IdentityProviderButtons({ cityCode, returnTo }: IdentityProviderButtonsProps) {
  const t = useTranslations('signIn');
  const { data } = useQuery({
    queryKey: ['sign-in-options', cityCode],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/sso/options', { params: { query: { cityCode } }, signal })),
    enabled: CODE.test(cityCode),
  });
  const leave = useMutation({
    mutationFn: (providerId: string) =>
      unwrap(api.POST('/api/v1/sso/requests', { body: { cityCode, providerId, returnTo: returnTo ?? undefined } })),
    onSuccess: ({ location }) => window.location.assign(location),
  });
  if (!CODE.test(cityCode) || !data || data.providers.length === 0) return null;
  return (
    <div role="group" aria-label={t('byProvider')} className="flex flex-col gap-3">
      {leave.error && <ProblemNotice error={leave.error} />}
      {data.providers.map(({ id, name }) => (
        <Button
          key={id}
          look="outline"
          inactive={leave.isPending}
          className="whitespace-normal"
          onClick={() => leave.mutate(id)}
        >
          {t('signInBy', { name })}
        </Button>
      ))}
      <p className="text-dns-14N-130 text-solid-gray-700">{t('orByPassword')}</p>
    </div>
  );
}
