'use client';

import { useTranslations } from 'use-intl';
import { Banner } from '../../components/banner.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import type { StepProps } from './plain-steps.tsx';

/** All answers once more, and what is still wrong with them. */
export function ConfirmStep({ editing: { draft, faults } }: StepProps) {
  const t = useTranslations('onboarding');
  const segments = useTranslations('segments');
  const { day, number } = useFormats();
  const wish = draft.contractWish;
  const open = draft.segments?.filter((choice) => choice.open) ?? [];
  const facts: [string, string][] = [
    [t('code'), draft.code ?? '—'],
    [t('name'), draft.name ?? '—'],
    [t('trialEndsOn'), day(draft.trialEndsOn)],
    [t('wish'), wish ? t('wishTerm', { from: day(wish.startsOn), to: day(wish.endsOn) }) : '—'],
    [
      t('limit'),
      draft.monthlyLimitTokens === null || draft.monthlyLimitTokens === undefined
        ? '—'
        : number(draft.monthlyLimitTokens),
    ],
    [
      t('stepNames.networks'),
      open.length > 0
        ? open.map((one) => `${segments(one.segment)}（${one.addressRanges.join(' ') || t('anywhere')}）`).join('、')
        : t('defaultNetworks'),
    ],
    [t('stepNames.admin'), `${draft.firstAdmin?.displayName ?? '—'}（${draft.firstAdmin?.loginId ?? '—'}）`],
    [t('adminMail'), draft.firstAdmin?.mailAddress ?? '—'],
  ];
  return (
    <>
      <dl className="grid gap-x-8 gap-y-2 sm:grid-cols-[auto_1fr]">
        {facts.map(([term, value]) => (
          <div key={term} className="contents">
            <dt className="text-std-16B-170">{term}</dt>
            <dd className="text-std-16N-170 break-words">{value}</dd>
          </div>
        ))}
      </dl>
      {faults.length > 0 ? (
        <Banner tone="warning" role="status" title={t('missing')}>
          <ul className="list-disc pl-6">
            {faults.map(({ pointer, message }) => (
              <li key={pointer}>{`${placeOf(t, pointer)}：${message}`}</li>
            ))}
          </ul>
        </Banner>
      ) : (
        <p>{t('registerLead')}</p>
      )}
    </>
  );
}

const STEP_OF: Readonly<Record<string, 'city' | 'agreement' | 'networks' | 'admin'>> = {
  code: 'city',
  name: 'city',
  monthlyLimitTokens: 'agreement',
  trialEndsOn: 'agreement',
  contractWish: 'agreement',
  segments: 'networks',
  firstAdmin: 'admin',
};

function placeOf(t: ReturnType<typeof useTranslations<'onboarding'>>, pointer: string): string {
  const step = STEP_OF[pointer.split('/')[1] ?? ''];
  return step ? t(`stepNames.${step}`) : '';
}
