'use client';

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useId } from 'react';
import { useTranslations } from 'use-intl';
import { type Model, type Purpose, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import type { Choice } from '../../components/field.tsx';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import { useDraft } from './use-draft.ts';

/** Long enough that no question waits for it; the API refuses what has been switched off meanwhile. */
const STALE_MS = 300_000;

interface ChatOptions {
  models: readonly Model[];
  purposes: readonly Purpose[];
  model: Model | undefined;
  purposeCode: string;
  isPurposeRequired: boolean;
  setModel: (id: string) => void;
  setPurpose: (code: string) => void;
  /** False until the choices are known: a question sent before would go to another model, or for no 事務. */
  isReady: boolean;
  error: Error | null;
  /** Asks again for what could not be read. */
  retry: () => void;
}

/** Which model answers and for which 事務, kept for the tab. In the My Number segment no question goes without a 事務. */
export function useChatOptions(): ChatOptions {
  const isPurposeRequired = useSignedIn().segment === 'my_number';
  const models = useQuery({
    queryKey: ['models'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/models', { signal })),
    staleTime: STALE_MS,
  });
  const purposes = useQuery({
    queryKey: ['purposes'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/purposes', { signal })),
    staleTime: STALE_MS,
  });
  const [modelId, setModel] = useDraft('model');
  const [purpose, setPurpose] = useDraft('purpose');
  const offered = models.data?.items ?? [];
  const enabled = purposes.data?.items.filter((item) => item.enabled) ?? [];
  return {
    models: offered,
    purposes: enabled,
    model: offered.find(({ id }) => id === modelId) ?? offered.find(({ isDefault }) => isDefault) ?? offered[0],
    purposeCode: enabled.some(({ code }) => code === purpose) ? purpose : '',
    isPurposeRequired,
    setModel,
    setPurpose,
    isReady: !models.isPending && !purposes.isPending,
    error: models.error ?? purposes.error,
    retry: () => {
      for (const choice of [models, purposes]) if (choice.error) void choice.refetch();
    },
  };
}

/** @param children further choices, beside these */
export function ChatOptionsBar({ options, children }: { options: ChatOptions; children?: ReactNode }) {
  const t = useTranslations('chat');
  const { models, purposes, model, purposeCode, isPurposeRequired } = options;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <InlineSelect
        label={t('model')}
        value={model?.id ?? ''}
        onChange={options.setModel}
        choices={models.map(({ id, displayName }) => ({ value: id, label: displayName }))}
      />
      {model?.simulated && <Badge tone="yellow">{t('simulated')}</Badge>}
      {(isPurposeRequired || purposes.length > 0) && (
        <InlineSelect
          label={t('purpose')}
          value={purposeCode}
          onChange={options.setPurpose}
          required={isPurposeRequired}
          choices={[
            { value: '', label: t(isPurposeRequired ? 'purposeChoose' : 'purposeNone') },
            ...purposes.map(({ code, name }) => ({ value: code, label: name })),
          ]}
        />
      )}
      {children}
    </div>
  );
}

interface InlineSelectProps {
  label: string;
  value: string;
  choices: readonly Choice[];
  required?: boolean;
  onChange: (value: string) => void;
}

/** A label and its choice in one line. */
export function InlineSelect({ label, value, choices, required, onChange }: InlineSelectProps) {
  const id = useId();
  return (
    <div className="flex min-w-0 items-center gap-2">
      <label htmlFor={id} className="shrink-0 text-dns-14B-130">
        {label}
      </label>
      <select
        id={id}
        value={value}
        required={required}
        onChange={(event) => onChange(event.target.value)}
        className="min-h-9 max-w-60 min-w-0 truncate rounded-6 border border-solid-gray-420 bg-white px-2 text-dns-16N-130"
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </div>
  );
}
