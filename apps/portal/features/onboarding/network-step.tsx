'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type OnboardingDraft, type Segment, unwrap } from '#libs/api-client';
import { TextAreaField, TextField } from '../../components/field.tsx';
import { api } from '../session/api.ts';
import type { StepProps } from './plain-steps.tsx';

type Choice = NonNullable<OnboardingDraft['segments']>[number];

const SEGMENTS = ['lgwan', 'my_number', 'internet'] as const satisfies readonly Segment[];

const untouched = (segment: Segment): Choice => ({
  segment,
  open: segment !== 'internet',
  addressRanges: [],
  models: null,
  retentionDays: null,
});

/** Which networks the city uses, from which addresses, with which models, and how long it keeps what it asked. */
export function NetworkStep({ editing: { draft, set, faults } }: StepProps) {
  const t = useTranslations('onboarding');
  const choices = SEGMENTS.map(
    (segment) => draft.segments?.find((one) => one.segment === segment) ?? untouched(segment),
  );
  const change = (at: number, part: Partial<Choice>) =>
    set({ segments: choices.map((choice, index) => (index === at ? { ...choice, ...part } : choice)) });
  return (
    <>
      <p>{t('networksLead')}</p>
      {choices.map((choice, index) => (
        <NetworkChoice
          key={choice.segment}
          choice={choice}
          fault={faults.find(({ pointer }) => pointer.startsWith(`/segments/${index}`))?.message}
          onChange={(part) => change(index, part)}
        />
      ))}
    </>
  );
}

interface NetworkChoiceProps {
  choice: Choice;
  fault: string | undefined;
  onChange: (part: Partial<Choice>) => void;
}

function NetworkChoice({ choice, fault, onChange }: NetworkChoiceProps) {
  const t = useTranslations('onboarding');
  const segments = useTranslations('segments');
  const models = useModelsOf(choice.segment);
  const allowed = choice.models ?? models;
  const toggle = (model: string, on: boolean) => {
    const next = models.filter((one) => (one === model ? on : allowed.includes(one)));
    onChange({ models: next.length === models.length || next.length === 0 ? null : next });
  };
  return (
    <fieldset className="flex flex-col gap-4 rounded-8 border border-solid-gray-420 p-4">
      <legend className="px-2 text-std-18B-160">{segments(choice.segment)}</legend>
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          className="size-5"
          checked={choice.open}
          onChange={(event) => onChange({ open: event.target.checked })}
        />
        {t('open')}
      </label>
      {choice.open && (
        <>
          <TextAreaField
            label={t('addressRanges')}
            hint={t('addressRangesHint')}
            rows={3}
            defaultValue={choice.addressRanges.join('\n')}
            error={fault}
            onChange={(event) => onChange({ addressRanges: event.target.value.split(/\s+/).filter(Boolean) })}
          />
          {models.length > 0 && (
            <fieldset className="flex flex-col gap-2">
              <legend className="mb-1 text-std-16B-170">{t('models')}</legend>
              {models.map((model) => (
                <label key={model} className="flex items-center gap-2">
                  <input
                    type="checkbox"
                    className="size-5"
                    checked={allowed.includes(model)}
                    onChange={(event) => toggle(model, event.target.checked)}
                  />
                  {model}
                </label>
              ))}
            </fieldset>
          )}
          <TextField
            label={t('retentionDays')}
            hint={t('retentionHint')}
            inputMode="numeric"
            maxLength={4}
            value={choice.retentionDays ?? ''}
            onChange={(event) => {
              const digits = event.target.value.replaceAll(/\D/g, '');
              onChange({ retentionDays: digits === '' ? null : Number(digits) });
            }}
          />
        </>
      )}
    </fieldset>
  );
}

/** Names of the models that answer in a network now. */
function useModelsOf(segment: Segment): string[] {
  const pool = useQuery({
    queryKey: ['pool-models'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/ops/v1/pool', { signal })),
    staleTime: 60_000,
  });
  const deployments = pool.data?.deployments ?? [];
  return [...new Set(deployments.filter(({ segments }) => segments.includes(segment)).map(({ model }) => model))];
}
