'use client';

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { DialogActions } from '../../components/dialog-actions.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { useCityName } from '../cities/use-city-name.ts';
import { api } from '../session/api.ts';
import { useAttemptKey } from '../session/use-attempt-key.ts';
import { type CityChoice, CityPicker } from './city-picker.tsx';
import { useAllCities } from './use-all-cities.ts';

const HOURS = [3, 6, 12, 24, 48, 72];
const FIRST_HOURS = '24';
const HOUR_MS = 3_600_000;

interface OpenUrgentDialogProps {
  onOpened: () => Promise<unknown>;
  onClose: () => void;
}

interface Plan {
  reason: string;
  endsAt: string;
}

/** First what, then the question whether: the others wait longer as long as it is open, and all of them are told. */
export function OpenUrgentDialog({ onOpened, onClose }: OpenUrgentDialogProps) {
  const t = useTranslations('urgent');
  const common = useTranslations('common');
  const cityName = useCityName();
  const { time } = useFormats();
  const { keyOf } = useAttemptKey();
  const cities = useAllCities();
  const [chosen, setChosen] = useState<readonly CityChoice[]>([]);
  const [fields, setFields] = useState({ reason: '', hours: FIRST_HOURS });
  const [isChecked, setChecked] = useState(false);
  const [plan, setPlan] = useState<Plan | null>(null);
  const send = useMutation({
    mutationFn: async (what: Plan) => {
      const body = { ...what, cityIds: chosen.map(({ id }) => id) };
      const header = { 'Idempotency-Key': keyOf(body) };
      await unwrap(api.POST('/api/ops/v1/urgent-openings', { params: { header }, body }));
      await onOpened();
    },
    onSuccess: onClose,
  });

  const review = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setChecked(true);
    const reason = fields.reason.trim();
    if (reason === '') event.currentTarget.querySelector<HTMLElement>('[name=reason]')?.focus();
    else if (chosen.length > 0)
      setPlan({ reason, endsAt: new Date(Date.now() + Number(fields.hours) * HOUR_MS).toISOString() });
  };

  if (plan)
    return (
      <Dialog key="confirm" title={t('confirmTitle')} isBusy={send.isPending} onClose={onClose}>
        <dl className="flex flex-col gap-3 text-std-16N-170">
          <Term term={t('reason')}>{plan.reason}</Term>
          <Term term={t('citiesCount', { count: chosen.length })}>{chosen.map(cityName).join('、')}</Term>
          <Term term={t('endsAt')}>{t('endsAtJst', { time: time(plan.endsAt) })}</Term>
        </dl>
        <p className="text-std-16N-170">{t('confirmLead')}</p>
        {send.error && <ProblemNotice error={send.error} />}
        <DialogActions onLeave={() => setPlan(null)} leaveLabel={common('back')} isBusy={send.isPending}>
          <Button look="danger" inactive={send.isPending} onClick={() => send.mutate(plan)}>
            {send.isPending ? common('sending') : t('confirm')}
          </Button>
        </DialogActions>
      </Dialog>
    );
  return (
    <Dialog key="edit" title={t('open')} onClose={onClose}>
      <form noValidate onSubmit={review} className="flex flex-col gap-5">
        <TextField
          name="reason"
          label={t('reason')}
          hint={t('reasonHint')}
          required
          maxLength={200}
          value={fields.reason}
          error={isChecked && fields.reason.trim() === '' ? common('requiredFault') : undefined}
          onChange={(event) => setFields({ ...fields, reason: event.target.value })}
        />
        <SelectField
          label={t('hours')}
          hint={t('hoursHint')}
          value={fields.hours}
          onChange={(event) => setFields({ ...fields, hours: event.target.value })}
          choices={HOURS.map((hours) => ({ value: String(hours), label: t('hoursChoice', { hours }) }))}
        />
        {cities.isPending && <Skeleton rows={3} />}
        {cities.error && <ProblemNotice error={cities.error} onRetry={() => void cities.refetch()} />}
        {cities.data && (
          <CityPicker
            cities={cities.data}
            chosen={chosen}
            onChange={setChosen}
            error={isChecked && chosen.length === 0 ? t('citiesFault') : undefined}
          />
        )}
        <DialogActions onLeave={onClose}>
          <Button type="submit">{t('review')}</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Term({ term, children }: { term: string; children: string }) {
  return (
    <div>
      <dt className="text-std-16B-170">{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
