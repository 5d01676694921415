'use client';

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { DialogActions } from '../../components/dialog-actions.tsx';
import { SelectField, TextAreaField, TextField } from '../../components/field.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { api } from '../session/api.ts';
import { useAttemptKey } from '../session/use-attempt-key.ts';
import { type CityChoice, CityPicker } from '../urgent/city-picker.tsx';
import { useAllCities } from '../urgent/use-all-cities.ts';

const SEVERITIES = ['info', 'warning', 'critical'] as const;
const REACHES = ['signIn', 'all', 'some'] as const;
const FIELDS = ['title', 'body', 'startsAt', 'endsAt'] as const;
type Field = (typeof FIELDS)[number];

/** What the clock of a city hall says, as an instant. */
const fromJst = (local: string): string => new Date(`${local}:00+09:00`).toISOString();

interface AnnounceDialogProps {
  onAnnounced: () => Promise<unknown>;
  onClose: () => void;
}

/** Announces maintenance: what, when, to whom. */
export function AnnounceDialog({ onAnnounced, onClose }: AnnounceDialogProps) {
  const t = useTranslations('maintenance');
  const common = useTranslations('common');
  const { keyOf } = useAttemptKey();
  const [values, setValues] = useState<Record<Field, string>>({ title: '', body: '', startsAt: '', endsAt: '' });
  const [severity, setSeverity] = useState<(typeof SEVERITIES)[number]>('warning');
  const [reach, setReach] = useState<(typeof REACHES)[number]>('all');
  const [chosen, setChosen] = useState<readonly CityChoice[]>([]);
  const [isChecked, setChecked] = useState(false);
  const send = useMutation({
    mutationFn: async () => {
      const body = {
        severity,
        title: values.title.trim(),
        body: values.body.trim(),
        startsAt: fromJst(values.startsAt),
        endsAt: fromJst(values.endsAt),
        cityIds: reach === 'some' ? chosen.map(({ id }) => id) : null,
        onSignIn: reach === 'signIn',
      };
      const header = { 'Idempotency-Key': keyOf(body) };
      await unwrap(api.POST('/api/ops/v1/maintenance-notices', { params: { header }, body }));
      await onAnnounced();
    },
    onSuccess: onClose,
  });
  const faultOf = (name: Field): string | undefined => {
    if (values[name].trim() === '') return common('requiredFault');
    return name === 'endsAt' && values.endsAt <= values.startsAt ? t('endFault') : undefined;
  };
  const shared = (name: Field) => ({
    name,
    label: t(`fields.${name}`),
    required: true,
    value: values[name],
    error: isChecked ? faultOf(name) : undefined,
    onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setChecked(true);
    const wrong = FIELDS.find((name) => faultOf(name));
    if (wrong) event.currentTarget.querySelector<HTMLElement>(`[name=${wrong}]`)?.focus();
    else if (reach !== 'some' || chosen.length > 0) send.mutate();
  };
  return (
    <Dialog title={t('announce')} isBusy={send.isPending} onClose={onClose}>
      <form noValidate onSubmit={submit} className="flex flex-col gap-5">
        <TextField {...shared('title')} maxLength={100} />
        <TextAreaField {...shared('body')} hint={t('bodyHint')} maxLength={2_000} rows={4} />
        <TextField {...shared('startsAt')} type="datetime-local" hint={t('jst')} />
        <TextField {...shared('endsAt')} type="datetime-local" hint={t('jst')} />
        <SelectField
          label={t('severity')}
          value={severity}
          onChange={(event) => setSeverity(event.target.value as typeof severity)}
          choices={SEVERITIES.map((value) => ({ value, label: t(`severities.${value}`) }))}
        />
        <SelectField
          label={t('reach')}
          value={reach}
          onChange={(event) => setReach(event.target.value as typeof reach)}
          choices={REACHES.map((value) => ({ value, label: t(`reaches.${value}`) }))}
        />
        {reach === 'some' && <Cities {...{ chosen, setChosen }} isMissing={isChecked && chosen.length === 0} />}
        {send.error && <ProblemNotice error={send.error} />}
        <DialogActions onLeave={onClose} isBusy={send.isPending}>
          <Button type="submit" inactive={send.isPending}>
            {send.isPending ? common('sending') : t('send')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

interface CitiesProps {
  chosen: readonly CityChoice[];
  setChosen: (chosen: readonly CityChoice[]) => void;
  isMissing: boolean;
}

function Cities({ chosen, setChosen, isMissing }: CitiesProps) {
  const t = useTranslations('urgent');
  const cities = useAllCities();
  if (cities.isPending) return <Skeleton rows={3} />;
  if (cities.error) return <ProblemNotice error={cities.error} onRetry={() => void cities.refetch()} />;
  const error = isMissing ? t('citiesFault') : undefined;
  return <CityPicker cities={cities.data} chosen={chosen} onChange={setChosen} error={error} />;
}
