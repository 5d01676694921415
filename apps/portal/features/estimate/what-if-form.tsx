'use client';

import { useTranslations } from 'use-intl';
import type { Estimate } from '#libs/api-client';
import { TextField } from '../../components/field.tsx';
import { type WhatIf, mixTotal } from './what-if.ts';

interface WhatIfFormProps {
  value: WhatIf;
  /** The latest answer: what the trial was like. */
  estimate: Estimate | undefined;
  onChange: (change: Partial<WhatIf>) => void;
}

const WHOLE = 100;

/** The trial, and what is to be different next year. The page follows every change. */
export function WhatIfForm({ value, estimate, onChange }: WhatIfFormProps) {
  const t = useTranslations('estimate');
  const users = estimate?.trialUsers ?? null;
  return (
    <form className="flex flex-col gap-4 print:hidden" onSubmit={(event) => event.preventDefault()}>
      <div className="grid grid-cols-1 items-end gap-4 sm:grid-cols-2 lg:grid-cols-3">
        <TextField
          label={t('from')}
          type="date"
          value={value.from}
          max={value.to}
          onChange={(event) => onChange({ from: event.target.value })}
        />
        <TextField
          label={t('to')}
          type="date"
          value={value.to}
          min={value.from}
          onChange={(event) => onChange({ to: event.target.value })}
        />
        <TextField
          label={t('users')}
          hint={users === null ? undefined : t('usersHint', { count: users })}
          type="number"
          min={0}
          max={10_000}
          value={value.usersPercent}
          onChange={(event) => onChange({ usersPercent: event.target.value })}
        />
        <TextField
          label={t('growth')}
          type="number"
          min={-99}
          max={1_000}
          value={value.growthPercent}
          onChange={(event) => onChange({ growthPercent: event.target.value })}
        />
        <TextField
          label={t('rate')}
          hint={estimate?.todaysRate ? t('rateHint', { rate: estimate.todaysRate }) : undefined}
          type="number"
          min={1}
          max={9_999}
          step="0.01"
          value={value.jpyPerUsd}
          onChange={(event) => onChange({ jpyPerUsd: event.target.value })}
        />
      </div>
      {estimate && <Mix value={value} estimate={estimate} onChange={onChange} />}
    </form>
  );
}

function Mix({ value: { mix }, estimate, onChange }: WhatIfFormProps & { estimate: Estimate }) {
  const t = useTranslations('estimate');
  const models = [...new Set([...estimate.trialMix.map(({ model }) => model), ...estimate.pricedModels])].sort();
  const total = mixTotal(mix);
  const isPartial = total > 0 && total !== WHOLE;
  return (
    <details className="rounded-8 border border-solid-gray-300 p-4">
      <summary className="text-std-16B-170">{t('mix')}</summary>
      <p className="mt-2 text-dns-14N-130 text-solid-gray-700">{t('mixHint')}</p>
      <div className="mt-4 grid grid-cols-1 gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {models.map((model) => (
          <TextField
            key={model}
            label={t('mixOf', { model })}
            hint={t('mixNow', { percent: estimate.trialMix.find((one) => one.model === model)?.percent ?? 0 })}
            type="number"
            min={0}
            max={WHOLE}
            value={mix[model] ?? ''}
            onChange={(event) => onChange({ mix: { ...mix, [model]: event.target.value } })}
          />
        ))}
      </div>
      <p role="status" className={`mt-3 text-std-16N-170 ${isPartial ? 'text-error-2' : ''}`}>
        {total === 0 ? t('mixAsNow') : t(isPartial ? 'mixPartial' : 'mixWhole', { total })}
      </p>
    </details>
  );
}
