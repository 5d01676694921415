'use client';

import { useTranslations } from 'use-intl';
import { type CityShare, unwrap } from '#libs/api-client';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useCityName } from '../cities/use-city-name.ts';
import { api } from '../session/api.ts';

interface ShareDialogProps {
  share: CityShare;
  onSaved: () => Promise<unknown>;
  onClose: () => void;
}

type Values = Record<'weight' | 'runningFloor' | 'runningLimit', string>;

const WEIGHT = { min: 0.1, max: 1_000 };
const RUNNING_MAX = 100_000;
const orNull = (text: string): number | null => (text === '' ? null : Number(text));

/** Sets a city's weight, guaranteed minimum and cap; an empty field means none. */
export function ShareDialog({ share, onSaved, onClose }: ShareDialogProps) {
  const t = useTranslations('shares');
  const common = useTranslations('common');
  const cityName = useCityName();
  const save = async ({ weight, runningFloor, runningLimit }: Values): Promise<void> => {
    const body = { weight: Number(weight), runningFloor: orNull(runningFloor), runningLimit: orNull(runningLimit) };
    await unwrap(api.PATCH('/api/ops/v1/cities/{id}/share', { params: { path: { id: share.id } }, body }));
    await onSaved();
  };
  const jobs = (value: string): string | undefined =>
    /^[1-9]\d*$/.test(value) && Number(value) <= RUNNING_MAX ? undefined : t('jobsFault');
  return (
    <FormDialog
      title={t('edit', { name: cityName(share) })}
      submitLabel={common('save')}
      onSubmit={save}
      onClose={onClose}
      fields={[
        {
          name: 'weight',
          label: t('weight'),
          hint: t('weightHint'),
          required: true,
          initial: String(share.weight),
          check: (value) =>
            /^\d+(\.\d{1,3})?$/.test(value) && Number(value) >= WEIGHT.min && Number(value) <= WEIGHT.max
              ? undefined
              : t('weightFault'),
        },
        {
          name: 'runningFloor',
          label: t('floor'),
          hint: t('floorHint'),
          inputMode: 'numeric',
          initial: String(share.runningFloor ?? ''),
          check: (value, { runningLimit = '' }) =>
            jobs(value) ?? (runningLimit !== '' && Number(value) > Number(runningLimit) ? t('floorFault') : undefined),
        },
        {
          name: 'runningLimit',
          label: t('limit'),
          hint: t('limitHint'),
          inputMode: 'numeric',
          initial: String(share.runningLimit ?? ''),
          check: jobs,
        },
      ]}
    />
  );
}
