'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Batch, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { TextAreaField, TextField } from '../../components/field.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { ChatOptionsBar, useChatOptions } from '../chat/chat-options.tsx';
import { api } from '../session/api.ts';
import { TemplateButton } from '../templates/template-button.tsx';
import { BatchProblem } from './faults.tsx';
import { type Plan, ForecastReport } from './forecast-report.tsx';
import { batchKey } from './use-batch.ts';

/** A draft: the template is written, checked against every row, and started as it was checked. */
export function DraftForm({ batch: { id, columns } }: { batch: Batch }) {
  const t = useTranslations('batches');
  const client = useQueryClient();
  const options = useChatOptions();
  const [template, setTemplate] = useState('');
  const [maxTokens, setMaxTokens] = useState('');
  const area = useRef<HTMLTextAreaElement>(null);
  const params = { path: { id } };

  const check = useMutation({
    mutationFn: (plan: Plan) => unwrap(api.POST('/api/v1/batches/{id}/forecast', { params, body: plan })),
  });
  const start = async (plan: Plan) => {
    client.setQueryData(batchKey(id), await unwrap(api.POST('/api/v1/batches/{id}/start', { params, body: plan })));
  };
  const plan: Plan = {
    template,
    model: options.model?.id,
    maxTokens: maxTokens ? Number(maxTokens) : undefined,
    purposeCode: options.purposeCode || undefined,
  };
  const canCheck = template.trim() !== '' && options.isReady && !check.isPending;
  // What was checked is what is started: after a change it has to be checked again
  const isCurrent = JSON.stringify(check.variables) === JSON.stringify(plan);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (canCheck) check.mutate(plan);
  };
  const insert = (column: string) => {
    const { selectionStart, selectionEnd } = area.current ?? {
      selectionStart: template.length,
      selectionEnd: template.length,
    };
    const place = `{${column}}`;
    setTemplate(template.slice(0, selectionStart) + place + template.slice(selectionEnd));
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(selectionStart + place.length, selectionStart + place.length);
    });
  };

  const take = (text: string) => {
    setTemplate(text);
    area.current?.focus();
  };

  return (
    <>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextAreaField
          ref={area}
          label={t('template')}
          hint={t('templateHint', { open: '{', close: '}' })}
          required
          rows={6}
          maxLength={20_000}
          value={template}
          onChange={(event) => setTemplate(event.target.value)}
        />
        <div className="flex flex-wrap items-end justify-between gap-3">
          <ColumnChips columns={columns} onPick={insert} />
          <TemplateButton keepsPlaces onUse={take} />
        </div>
        {options.error && <ProblemNotice error={options.error} onRetry={options.retry} />}
        <ChatOptionsBar options={options} />
        <div className="max-w-80">
          <TextField
            label={t('maxTokens')}
            hint={t('maxTokensHint')}
            type="number"
            min={1}
            max={options.model?.maxOutputTokens}
            value={maxTokens}
            onChange={(event) => setMaxTokens(event.target.value)}
          />
        </div>
        <Button
          type="submit"
          look={check.data && isCurrent ? 'outline' : 'solid'}
          className="w-fit"
          inactive={!canCheck}
        >
          {check.isPending ? t('checking') : t('check')}
        </Button>
      </form>
      {check.error && isCurrent && <BatchProblem error={check.error} />}
      {check.data && isCurrent && <ForecastReport forecast={check.data} onStart={() => start(plan)} />}
    </>
  );
}

function ColumnChips({ columns, onPick }: { columns: readonly string[]; onPick: (column: string) => void }) {
  const t = useTranslations('batches');
  const id = useId();
  return (
    <div role="group" aria-labelledby={id} className="flex min-w-0 flex-col gap-2">
      <p id={id} className="text-dns-14N-130 text-solid-gray-700">
        {t('columnsLabel')}
      </p>
      <div className="flex flex-wrap gap-2">
        {columns.map((column) => (
          <Button key={column} look="outline" size="sm" className="max-w-full" onClick={() => onPick(column)}>
            <span className="py-1 text-left break-all whitespace-normal">{column}</span>
          </Button>
        ))}
      </div>
    </div>
  );
}
