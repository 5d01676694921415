'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { type FormEvent, useCallback, useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiProblem, type Me, type PendingSignIn, type VendorMe, unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { SECURITY, type Plane } from '../security/security-api.ts';
import { SecondStep } from '../security/second-step.tsx';
import { SignInMaintenance } from '../notices/vendor-banners.tsx';
import { homeOf, vendorHomeOf } from './access.ts';
import { api } from './api.ts';
import { EntryFrame } from './entry-frame.tsx';
import { IdentityProviderButtons } from './identity-provider-buttons.tsx';
import { safePath } from './safe-path.ts';
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
  const signIn = (body: Credentials) => unwrap(api.POST('/api/v1/sessions', { body }));
  return <SignIn plane="city" signIn={signIn} enter={async () => enter(await SECURITY.city.me())} />;
}

export function VendorSignIn() {
  const enter = useEnter<VendorMe>(VENDOR_ME_KEY, vendorHomeOf);
  const signIn = ({ loginId, password }: Credentials) =>
    unwrap(api.POST('/api/ops/v1/sessions', { body: { loginId, password } }));
  return <SignIn plane="vendor" signIn={signIn} enter={async () => enter(await SECURITY.vendor.me())} />;
}

interface SignInProps {
  plane: Plane;
  /** With a `step` when the password is not all. */
  signIn: (credentials: Credentials) => Promise<object | PendingSignIn>;
  enter: () => Promise<void>;
}

function SignIn({ plane, signIn, enter }: SignInProps) {
  const t = useTranslations();
  // An identity provider that does not vouch for a second factor leads back here in the middle
  const isUnderWay = useSearchParams().has('step');
  const resumed = useQuery<PendingSignIn>({
    queryKey: ['pending-sign-in', plane],
    queryFn: SECURITY[plane].pending,
    enabled: isUnderWay,
    retry: false,
    gcTime: 0,
  });
  const [given, setPending] = useState<PendingSignIn | null | undefined>();
  const pending = given === undefined ? resumed.data : given;
  const attempt = useMutation({
    mutationFn: async (credentials: Credentials) => {
      const answer = await signIn(credentials);
      if ('step' in answer) setPending(answer);
      else await enter();
    },
  });
  // The code that opened the session is spent: whatever fails after it must not ask for it again
  const entering = useMutation({ mutationFn: enter });
  if (!pending) return <SignInForm plane={plane} attempt={attempt} />;
  return (
    <EntryFrame title={t(pending.step === 'enrolment' ? 'security.enrolTitle' : 'security.stepTitle')}>
      {entering.isIdle && <SecondStep plane={plane} pending={pending} onWhole={() => entering.mutate()} />}
      {entering.error && <ProblemNotice error={entering.error} onRetry={() => entering.mutate()} />}
      {(entering.isPending || entering.isSuccess) && <Skeleton rows={3} />}
      <Button look="text" className="self-start" onClick={() => setPending(null)}>
        {t('security.startAgain')}
      </Button>
    </EntryFrame>
  );
}

/** What the API sent a person back with who could not be signed in by an identity provider. */
function failureIn(query: { get(name: string): string | null }): ApiProblem | null {
  const code = query.get('failure');
  const requestId = query.get('requestId') ?? undefined;
  return code === null ? null : new ApiProblem({ title: '', status: 401, code, requestId });
}

interface SignInFormProps {
  plane: Plane;
  attempt: { mutate: (credentials: Credentials) => void; error: Error | null; isPending: boolean };
}

function SignInForm({ attempt, plane }: SignInFormProps) {
  const t = useTranslations('signIn');
  const query = useSearchParams();
  const isExpired = query.get('reason') === 'expired';
  const failure = failureIn(query);
  const [cityCode, setCityCode] = useState('');
  // What the browser filled in, or the person typed, before the scripts were there
  const readCityCode = useCallback((input: HTMLInputElement | null) => setCityCode(input?.value.trim() ?? ''), []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => String(data.get(name) ?? '');
    attempt.mutate({ cityCode: text('cityCode').trim(), loginId: text('loginId').trim(), password: text('password') });
  };
  return (
    <EntryFrame
      title={t(plane === 'city' ? 'title' : 'vendorTitle')}
      lead={t(plane === 'city' ? 'lead' : 'vendorLead')}
    >
      <SignInMaintenance plane={plane} />
      {failure && !attempt.error && <ProblemNotice error={failure} />}
      {isExpired && !failure && !attempt.error && <Banner tone="info" role="status" title={t('expired')} />}
      {attempt.error && <ProblemNotice error={attempt.error} />}
      <form onSubmit={submit} className="flex flex-col gap-5">
        {plane === 'city' && (
          <TextField
            ref={readCityCode}
            name="cityCode"
            label={t('cityCode')}
            hint={t('cityCodeHint')}
            required
            inputMode="numeric"
            maxLength={6}
            autoComplete="organization"
            onChange={(event) => setCityCode(event.target.value.trim())}
          />
        )}
        {plane === 'city' && <IdentityProviderButtons cityCode={cityCode} returnTo={safePath(query.get('next'))} />}
        <TextField name="loginId" label={t('loginId')} required autoComplete="username" autoCapitalize="none" />
        <TextField name="password" label={t('password')} required type="password" autoComplete="current-password" />
        <Button type="submit" inactive={attempt.isPending}>
          {attempt.isPending ? t('signingIn') : t('submit')}
        </Button>
      </form>
    </EntryFrame>
  );
}
