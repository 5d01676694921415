'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { SelectField, TextField } from '../../components/field.tsx';
import { fiscalYear } from '../../i18n/jst.ts';
import { api } from '../session/api.ts';
import type { StepProps } from './plain-steps.tsx';

const usePlanChoices = () =>
  useQuery({
    queryKey: ['plan-choices'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/ops/v1/plans', { signal })),
  });

/** How much the city may use, and on what ground: a trial, a contract it asks for, or one after the other. */
export function AgreementStep({ editing }: StepProps) {
  const { draft, set, save, faultAt } = editing;
  const t = useTranslations('onboarding');
  const wish = draft.contractWish;
  // An empty day is a trial that waits for its end
  const isTrial = draft.trialEndsOn !== undefined && draft.trialEndsOn !== null;
  const kind = isTrial ? (wish ? 'both' : 'trial') : wish ? 'contract' : '';
  const choose = (chosen: string) =>
    set({
      trialEndsOn: chosen === 'trial' || chosen === 'both' ? (draft.trialEndsOn ?? '') : null,
      contractWish:
        chosen === 'contract' || chosen === 'both'
          ? (wish ?? { planId: '', startsOn: '', endsOn: `${fiscalYear() + 1}-03-31`, billingName: draft.name ?? '' })
          : null,
    });
  return (
    <>
      <SelectField
        label={t('kind')}
        hint={t('kindHint')}
        placeholder={t('kinds.none')}
        value={kind}
        choices={(['trial', 'contract', 'both'] as const).map((value) => ({ value, label: t(`kinds.${value}`) }))}
        onChange={(event) => choose(event.target.value)}
      />
      {isTrial && (
        <TextField
          label={t('trialEndsOn')}
          hint={t('trialHint')}
          type="date"
          required
          value={draft.trialEndsOn ?? ''}
          error={faultAt('/trialEndsOn')}
          onChange={(event) => set({ trialEndsOn: event.target.value })}
          onBlur={() => void save()}
        />
      )}
      {wish && <WishFields wish={wish} editing={editing} />}
      <TextField
        label={t('limit')}
        hint={t('limitHint')}
        required
        inputMode="numeric"
        maxLength={13}
        value={draft.monthlyLimitTokens ?? ''}
        error={faultAt('/monthlyLimitTokens')}
        onChange={(event) => {
          const digits = event.target.value.replaceAll(/\D/g, '');
          set({ monthlyLimitTokens: digits === '' ? null : Number(digits) });
        }}
      />
    </>
  );
}

type Wish = NonNullable<StepProps['editing']['draft']['contractWish']>;

/** The contract that finance is asked to make. */
function WishFields({ wish, editing: { set, save, faultAt } }: StepProps & { wish: Wish }) {
  const t = useTranslations('onboarding');
  const plans = usePlanChoices().data?.items ?? [];
  const setWish = (change: Partial<Wish>) => set({ contractWish: { ...wish, ...change } });
  return (
    <fieldset className="flex flex-col gap-5">
      <legend className="mb-2 text-std-18B-160">{t('wish')}</legend>
      <p>{t('wishLead')}</p>
      <SelectField
        label={t('plan')}
        required
        placeholder={t('choose')}
        value={wish.planId ?? ''}
        error={faultAt('/contractWish/planId')}
        choices={plans.map(({ id, code, name }) => ({ value: id, label: `${name}（${code}）` }))}
        onChange={(event) => setWish({ planId: event.target.value })}
      />
      <div className="grid gap-5 sm:grid-cols-2">
        {(['startsOn', 'endsOn'] as const).map((field) => (
          <TextField
            key={field}
            label={t(field)}
            type="date"
            required
            value={wish[field] ?? ''}
            error={faultAt(`/contractWish/${field}`)}
            onChange={(event) => setWish({ [field]: event.target.value })}
            onBlur={() => void save()}
          />
        ))}
      </div>
      <TextField
        label={t('billingName')}
        required
        maxLength={100}
        value={wish.billingName ?? ''}
        error={faultAt('/contractWish/billingName')}
        onChange={(event) => setWish({ billingName: event.target.value })}
      />
    </fieldset>
  );
}
