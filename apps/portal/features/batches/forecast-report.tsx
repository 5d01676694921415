'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { BatchForecast } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { useFormats } from '../../i18n/use-formats.ts';

/** What is asked of the model for each row. */
export interface Plan {
  template: string;
  model: string | undefined;
  maxTokens: number | undefined;
  purposeCode: string | undefined;
}

interface ForecastReportProps {
  forecast: BatchForecast;
  onStart: () => Promise<void>;
}

/** What a start would send and hold, shown before it is done. */
export function ForecastReport({ forecast, onStart }: ForecastReportProps) {
  const t = useTranslations('batches');
  const { number } = useFormats();
  const [isAsked, setAsked] = useState(false);
  const { rowCount, estimatedTokens, estimatedJpy, worstCaseTokens, remainingTokens, fitsBudget, preview } = forecast;
  const inYen = estimatedJpy !== null && t('estimatedYen', { amount: number(estimatedJpy) });
  const figures = [
    ['rowCount', rowCount, null],
    ['estimated', estimatedTokens, inYen],
    ['worstCase', worstCaseTokens, null],
    ['remaining', remainingTokens, null],
  ] as const;
  return (
    <section aria-label={t('forecast')} className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('forecast')}</h2>
      <dl className="grid grid-cols-1 gap-4 sm:grid-cols-2 lg:grid-cols-4">
        {figures.map(([name, value, hint]) => (
          <div key={name} className="flex flex-col gap-1 rounded-8 border border-solid-gray-300 p-4">
            <dt className="text-dns-14N-130 text-solid-gray-700">{t(name)}</dt>
            <dd className="text-std-20B-150 tabular-nums">{number(value)}</dd>
            {hint && <dd className="text-dns-14N-130 text-solid-gray-700">{hint}</dd>}
          </div>
        ))}
      </dl>
      <Banner
        tone={fitsBudget ? 'success' : 'error'}
        role={fitsBudget ? 'status' : 'alert'}
        title={t(fitsBudget ? 'budgetFits' : 'budgetShort')}
      />
      {preview.map(({ row, prompt }, index) => (
        <details key={row} open={index === 0}>
          <summary className="text-dns-14B-130">{t('preview', { row: String(row) })}</summary>
          <p className="mt-2 rounded-8 bg-solid-gray-50 p-4 whitespace-pre-wrap">{prompt}</p>
        </details>
      ))}
      <Button className="w-fit" inactive={!fitsBudget} onClick={() => setAsked(true)}>
        {t('start')}
      </Button>
      {isAsked && (
        <ConfirmDialog
          title={t('start')}
          confirmLabel={t('startConfirm')}
          onConfirm={onStart}
          onClose={() => setAsked(false)}
        >
          {t('startLead', { count: number(rowCount), tokens: number(worstCaseTokens) })}
        </ConfirmDialog>
      )}
    </section>
  );
}
