'use client';

import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { type RosterImport, unwrap } from '#libs/api-client';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { api } from '../session/api.ts';
import { LeavingNotice } from '../transfers/leaving-notice.tsx';
import { CheckReport } from './check-report.tsx';
import { DecideForm } from './decide-form.tsx';
import { Outcome } from './outcome.tsx';
import { UploadStep } from './upload-step.tsx';
import { useRosterAct, useRosterImport } from './use-roster.ts';

const STEPS = ['upload', 'check', 'decide', 'apply'] as const;
type Step = (typeof STEPS)[number];

const stepOf = ({ state, faultCount }: RosterImport): Step => {
  if (state === 'draft') return 'upload';
  if (state === 'checked') return faultCount > 0 ? 'check' : 'decide';
  return 'apply';
};

/** One import from its files to its result. Where it stands, the API says: a reload loses nothing. */
export function RosterImportPage({ id }: { id: string }) {
  const t = useTranslations('roster');
  const query = useRosterImport(id);
  const found = query.data;
  return (
    <>
      <PageHeader
        title={t('title')}
        actions={
          <Link href="/admin/members/import" className="text-key-900 underline underline-offset-4">
            {t('toList')}
          </Link>
        }
      />
      {query.isPending && <Skeleton rows={6} />}
      {query.error && !found && <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />}
      {found && <Wizard found={found} />}
    </>
  );
}

function Wizard({ found }: { found: RosterImport }) {
  const t = useTranslations('roster');
  const step = stepOf(found);
  const params = { path: { id: found.id } };
  const check = useRosterAct(found.id, () => unwrap(api.POST('/api/v1/roster-imports/{id}/check', { params })));
  return (
    <>
      <Steps current={step} />
      {/* Said once for each step, to those who do not see the list of steps move */}
      <p role="status" className="sr-only">
        {t('stepNow', { step: t(`steps.${step}`) })}
      </p>
      {(found.state === 'draft' || found.state === 'checked') && (
        <UploadStep found={found} onCheck={() => check.mutate(undefined)} isChecking={check.isPending} />
      )}
      {check.error && <ProblemNotice error={check.error} />}
      {found.state === 'checked' && <CheckReport found={found} />}
      {step === 'decide' && <LeavingNotice found={found} />}
      {step === 'decide' && <DecideForm key={found.digest} found={found} />}
      {step === 'apply' && <Outcome found={found} onCheck={() => check.mutate(undefined)} />}
    </>
  );
}

function Steps({ current }: { current: Step }) {
  const t = useTranslations('roster');
  const place = STEPS.indexOf(current);
  return (
    <ol aria-label={t('stepsLabel')} className="flex flex-wrap gap-x-6 gap-y-2">
      {STEPS.map((step, index) => (
        <li
          key={step}
          aria-current={index === place ? 'step' : undefined}
          className={`flex items-center gap-2 border-b-4 py-1 text-std-16N-170 ${index === place ? 'border-key-900 font-700' : 'border-transparent text-solid-gray-700'}`}
        >
          <span aria-hidden="true">{index + 1}.</span>
          {t(`steps.${step}`)}
        </li>
      ))}
    </ol>
  );
}
