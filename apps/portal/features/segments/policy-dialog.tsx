'use client';

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiProblem, type SegmentPolicy } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { DialogActions } from '../../components/dialog-actions.tsx';
import { SelectField, TextAreaField, TextField } from '../../components/field.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import type { PolicyCardProps } from './policy-card.tsx';
import { type PolicyDraft, changeBetween, draftOf, policyOf } from './policy-change.ts';
import { PolicyPreview } from './policy-preview.tsx';
import { Tick } from './tick.tsx';

interface PolicyDialogProps extends Required<Pick<PolicyCardProps, 'policy' | 'models'>> {
  readonly name: string;
  readonly save: NonNullable<PolicyCardProps['save']>;
  readonly forecast: PolicyCardProps['forecast'];
  readonly onClose: () => void;
}

/** Every switch of a network with what it means, and below them what would change for its people. */
export function PolicyDialog({ policy, models, name, save, forecast, onClose }: PolicyDialogProps) {
  const t = useTranslations('networks');
  const common = useTranslations('common');
  const [draft, setDraft] = useState(() => draftOf(policy));
  const set = (change: Partial<PolicyDraft>) => setDraft((before) => ({ ...before, ...change }));
  const send = useMutation({ mutationFn: (after: SegmentPolicy) => save(changeBetween(policy, after)) });
  const after = policyOf(draft);
  const hasNoModel = draft.models?.length === 0;
  const isReady = after !== null && !hasNoModel && Object.keys(changeBetween(policy, after)).length > 0;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) send.mutate(after, { onSuccess: onClose });
  };

  return (
    <Dialog title={t('editOf', { name })} isBusy={send.isPending} onClose={onClose}>
      <form noValidate onSubmit={submit} className="flex flex-col gap-6">
        <Tick label={t('openLabel')} hint={t('openHint')} checked={draft.open} onChange={(open) => set({ open })} />
        <TextAreaField
          label={t('switches.addressRanges')}
          hint={t('rangesHint')}
          error={rangeFault(send.error)}
          value={draft.ranges}
          rows={3}
          spellCheck={false}
          onChange={({ target }) => set({ ranges: target.value })}
        />
        <ModelChoice draft={draft} models={models} onChange={(chosen) => set({ models: chosen })} />
        <Tick
          label={t('attachmentsLabel')}
          hint={t('attachmentsHint')}
          checked={draft.attachments}
          onChange={(attachments) => set({ attachments })}
        />
        {(['copy', 'download', 'export'] as const).map((kind) => (
          <Tick
            key={kind}
            label={t(`${kind}Label`)}
            hint={t(`${kind}Hint`)}
            checked={draft.takeOut[kind]}
            onChange={(allowed) => set({ takeOut: { ...draft.takeOut, [kind]: allowed } })}
          />
        ))}
        <Tick
          label={t('retentionLabel')}
          hint={t('retentionHint')}
          checked={draft.isLimited}
          onChange={(isLimited) => set({ isLimited })}
        />
        {draft.isLimited && (
          <TextField
            label={t('daysLabel')}
            hint={t('daysHint')}
            error={after ? undefined : t('daysFault')}
            inputMode="numeric"
            value={draft.days}
            onChange={({ target }) => set({ days: target.value.trim() })}
          />
        )}
        <SelectField
          label={t('switches.mfa')}
          hint={t('mfaHint')}
          value={draft.mfa}
          choices={[
            { value: 'optional', label: t('mfaOptional') },
            { value: 'required', label: t('mfaRequired') },
          ]}
          onChange={({ target }) => set({ mfa: target.value === 'required' ? 'required' : 'optional' })}
        />
        {after && <PolicyPreview before={policy} after={after} models={models} forecast={forecast} />}
        {send.error && <ProblemNotice error={send.error} />}
        <DialogActions onLeave={onClose} isBusy={send.isPending}>
          <Button type="submit" inactive={!isReady || send.isPending}>
            {send.isPending ? common('sending') : t('save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function ModelChoice({
  draft,
  models,
  onChange,
}: {
  draft: PolicyDraft;
  models: PolicyCardProps['models'];
  onChange: (models: string[] | null) => void;
}) {
  const t = useTranslations('networks');
  const chosen = draft.models;
  if (models.length === 0) return <p className="text-dns-14N-130 text-solid-gray-700">{t('noModels')}</p>;
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-2 text-std-16B-170">{t('switches.models')}</legend>
      <Tick
        label={t('allModels')}
        hint={t('allModelsHint')}
        checked={chosen === null}
        onChange={(isAll) => onChange(isAll ? null : models.map(({ id }) => id))}
      />
      {chosen &&
        models.map(({ id, displayName }) => (
          <Tick
            key={id}
            label={displayName}
            checked={chosen.includes(id)}
            onChange={(isOn) =>
              onChange(models.map((model) => model.id).filter((one) => (one === id ? isOn : chosen.includes(one))))
            }
          />
        ))}
      {chosen?.length === 0 && <p className="text-dns-14N-130 text-error-2">{t('noModelFault')}</p>}
    </fieldset>
  );
}

/** What the API says of single ranges, for the one field that holds them all. */
function rangeFault(error: Error | null): string | undefined {
  const faults = error instanceof ApiProblem ? (error.problem.faults ?? []) : [];
  const words = faults.filter(({ pointer }) => pointer.startsWith('/addressRanges')).map(({ message }) => message);
  return words.length > 0 ? words.join(' ') : undefined;
}
