'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { type FirstSteps, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { api } from '../session/api.ts';
import { FIRST_STEPS_KEY, useFirstSteps } from './use-first-steps.ts';

type Step = FirstSteps['steps'][number];

const PLACES: Readonly<Record<Step['step'], string>> = {
  departments: '/admin/departments',
  members: '/admin/members',
  signIn: '/admin/sign-in',
  purposes: '/admin/purposes',
  networks: '/admin/segments',
  budget: '/admin/budget',
  question: '/',
  auditor: '/admin/members',
};

/** What is left to do before the city's people can work. Each point is done when the facts say so. */
export function FirstStepsPage() {
  const t = useTranslations('firstSteps');
  const client = useQueryClient();
  const query = useFirstSteps();
  const dismiss = useMutation({
    mutationFn: () => unwrap(api.PUT('/api/v1/first-steps/dismissal')),
    onSuccess: () => client.invalidateQueries({ queryKey: FIRST_STEPS_KEY }),
  });
  if (query.isPending) return <Skeleton rows={6} />;
  if (query.error) return <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />;
  const { steps, dismissed } = query.data;
  const needed = steps.filter((one) => !one.isOptional);
  const done = needed.filter((one) => one.done).length;
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <p role="status" className="text-std-18B-160">
        {done === needed.length ? t('allDone') : t('progress', { done, all: needed.length })}
      </p>
      <ol className="flex flex-col gap-3">
        {steps.map((one) => (
          <StepLine key={one.step} {...one} />
        ))}
      </ol>
      {!dismissed && (
        <div className="flex flex-col gap-2">
          {dismiss.error && <ProblemNotice error={dismiss.error} />}
          <Button className="w-fit" look="outline" inactive={dismiss.isPending} onClick={() => dismiss.mutate()}>
            {t('dismiss')}
          </Button>
          <p className="text-dns-14N-130 text-solid-gray-700">{t('dismissHint')}</p>
        </div>
      )}
    </>
  );
}

function StepLine({ step, done, isOptional }: Step) {
  const t = useTranslations('firstSteps');
  return (
    <li className="flex flex-wrap items-start gap-3 rounded-8 border border-solid-gray-420 p-4">
      <Badge tone={done ? 'green' : 'neutral'}>{t(done ? 'done' : isOptional ? 'optional' : 'open')}</Badge>
      <div className="flex min-w-0 grow basis-60 flex-col gap-1">
        <Link href={PLACES[step]} className="w-fit text-std-18B-160 text-key-900 underline underline-offset-4">
          {t(`steps.${step}.title`)}
        </Link>
        <p>{t(`steps.${step}.lead`)}</p>
      </div>
    </li>
  );
}
