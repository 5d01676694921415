'use client';

import { useMutation } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Onboarding, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useCityName } from '../cities/use-city-name.ts';
import { api } from '../session/api.ts';
import { useAttemptKey } from '../session/use-attempt-key.ts';
import { AdminInvitation } from './admin-invitation.tsx';
import { AdminStep, CityStep } from './plain-steps.tsx';
import { AgreementStep } from './agreement-step.tsx';
import { ConfirmStep } from './confirm-step.tsx';
import { NetworkStep } from './network-step.tsx';
import { useEditing, useOnboarding } from './use-onboarding.ts';

const STEPS = [
  { key: 'city', Step: CityStep },
  { key: 'agreement', Step: AgreementStep },
  { key: 'networks', Step: NetworkStep },
  { key: 'admin', Step: AdminStep },
  { key: 'confirm', Step: ConfirmStep },
] as const;

/** Takes a city on, step by step; what is answered is kept, so that anybody can go on another day. */
export function OnboardingPage({ id }: { id: string | undefined }) {
  const t = useTranslations('onboarding');
  return (
    <>
      <Link href="/ops" className="w-fit text-key-900 underline underline-offset-4">
        {t('back')}
      </Link>
      <PageHeader title={t('title')} lead={t('lead')} />
      {id === undefined ? <Begin /> : <Kept id={id} />}
    </>
  );
}

function Begin() {
  const t = useTranslations('onboarding');
  const router = useRouter();
  const { keyOf } = useAttemptKey();
  const begin = useMutation({
    mutationFn: () =>
      unwrap(api.POST('/api/ops/v1/onboardings', { params: { header: { 'Idempotency-Key': keyOf({}) } } })),
    onSuccess: ({ id }) => router.replace(`/ops/cities/new?draft=${id}`),
  });
  return (
    <>
      <p>{t('beginLead')}</p>
      {begin.error && <ProblemNotice error={begin.error} />}
      <Button className="w-fit" inactive={begin.isPending || begin.isSuccess} onClick={() => begin.mutate()}>
        {t('begin')}
      </Button>
    </>
  );
}

function Kept({ id }: { id: string }) {
  const onboarding = useOnboarding(id);
  if (onboarding.isPending) return <Skeleton rows={6} />;
  if (onboarding.error) return <ProblemNotice error={onboarding.error} onRetry={() => void onboarding.refetch()} />;
  return <Wizard kept={onboarding.data} />;
}

function Wizard({ kept }: { kept: Onboarding }) {
  const t = useTranslations('onboarding');
  const router = useRouter();
  const cityName = useCityName();
  const [place, setPlace] = useState(0);
  const editing = useEditing(kept);
  const { key, Step } = STEPS[place]!;
  const isLast = place === STEPS.length - 1;
  const register = useMutation({
    mutationFn: () => unwrap(api.POST('/api/ops/v1/onboardings/{id}/complete', { params: { path: { id: kept.id } } })),
    // Registered by an earlier press whose answer was lost: its invitation is issued anew from the city's page
    onSuccess: ({ city, invitation }) => {
      if (!invitation) router.push(`/ops/cities/${city.id}`);
    },
  });
  const go = async (to: number) => {
    register.reset();
    await editing.save().then(
      () => setPlace(to),
      // Said below the answers
      () => undefined,
    );
  };
  const error = register.error ?? editing.problem;
  return (
    <>
      <ol className="flex flex-wrap gap-2" aria-label={t('steps')}>
        {STEPS.map((step, index) => (
          <li key={step.key}>
            <Button
              look={index === place ? 'solid' : 'outline'}
              size="sm"
              aria-current={index === place ? 'step' : undefined}
              inactive={editing.isSaving}
              onClick={() => void go(index)}
            >
              {`${index + 1}. ${t(`stepNames.${step.key}`)}`}
            </Button>
          </li>
        ))}
      </ol>
      <form
        noValidate
        className="flex max-w-3xl flex-col gap-6"
        onSubmit={(event) => {
          event.preventDefault();
          if (isLast) register.mutate();
          else void go(place + 1);
        }}
      >
        <h2 className="text-std-20B-150">{t(`stepNames.${key}`)}</h2>
        <Step editing={editing} />
        {error && <ProblemNotice error={error} />}
        <div className="flex flex-wrap gap-3">
          {place > 0 && (
            <Button look="outline" inactive={editing.isSaving} onClick={() => void go(place - 1)}>
              {t('previous')}
            </Button>
          )}
          <Button
            type="submit"
            inactive={editing.isSaving || register.isPending || (isLast && editing.faults.length > 0)}
          >
            {t(isLast ? 'register' : 'next')}
          </Button>
        </div>
      </form>
      {register.data?.invitation && (
        <AdminInvitation
          cityName={cityName(register.data.city)}
          invitation={register.data.invitation}
          onClose={() => router.push(`/ops/cities/${register.data.city.id}`)}
        />
      )}
    </>
  );
}
