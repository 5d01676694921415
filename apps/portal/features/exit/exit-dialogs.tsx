'use client';

import { useTranslations } from 'use-intl';
import { type City, type CityExitRecord, unwrap } from '#libs/api-client';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useCityName } from '../cities/use-city-name.ts';
import { api } from '../session/api.ts';
import { useAttemptKey } from '../session/use-attempt-key.ts';

export type ExitAct = 'plan' | 'freeze' | 'handOver' | 'withdraw' | 'delete';

interface ExitDialogProps {
  act: ExitAct;
  city: Pick<City, 'id' | 'code' | 'name'>;
  /** None yet where one is planned. */
  exit: CityExitRecord | undefined;
  onDone: () => Promise<void>;
  onClose: () => void;
}

/** The vendor's steps of an exit, each with what it means for the city. */
export function ExitDialog({ act, city, exit, onDone, onClose }: ExitDialogProps) {
  const t = useTranslations('exit');
  const { keyOf } = useAttemptKey();
  const nameOf = useCityName();
  const { name } = city;
  const title = t(`titles.${act}`, { name: nameOf(city) });
  const lead = t(`leads.${act}`, { name });
  const params = { path: { id: exit?.id ?? '' } };
  if (act === 'plan')
    return (
      <FormDialog
        title={title}
        lead={lead}
        submitLabel={t('acts.plan')}
        fields={[{ name: 'reason', label: t('reason'), hint: t('reasonHint'), required: true, maxLength: 500 }]}
        onSubmit={async ({ reason }) => {
          const body = { cityId: city.id, reason };
          const header = { 'Idempotency-Key': keyOf(body) };
          await unwrap(api.POST('/api/ops/v1/city-exits', { params: { header }, body }));
          await onDone();
        }}
        onClose={onClose}
      />
    );
  if (act === 'handOver')
    return (
      <FormDialog
        title={title}
        lead={lead}
        submitLabel={t('acts.handOver')}
        fields={[{ name: 'note', label: t('note'), hint: t('noteHint'), required: true, maxLength: 500 }]}
        onSubmit={async ({ note }) => {
          await unwrap(api.POST('/api/ops/v1/city-exits/{id}/hand-over', { params, body: { note } }));
          await onDone();
        }}
        onClose={onClose}
      />
    );
  if (act === 'delete')
    return (
      <FormDialog
        title={title}
        lead={lead}
        submitLabel={t('acts.delete')}
        danger
        fields={[{ name: 'cityName', label: t('cityName', { name }), required: true, maxLength: 100 }]}
        onSubmit={async ({ cityName }) => {
          await unwrap(api.POST('/api/ops/v1/city-exits/{id}/delete', { params, body: { cityName } }));
          await onDone();
        }}
        onClose={onClose}
      />
    );
  return (
    <ConfirmDialog
      title={title}
      confirmLabel={t(`acts.${act}`)}
      danger
      onConfirm={async () => {
        await unwrap(
          act === 'freeze'
            ? api.POST('/api/ops/v1/city-exits/{id}/freeze', { params })
            : api.POST('/api/ops/v1/city-exits/{id}/withdraw', { params }),
        );
        await onDone();
      }}
      onClose={onClose}
    >
      <p>{lead}</p>
    </ConfirmDialog>
  );
}
