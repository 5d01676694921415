'use client';

import { useTranslations } from 'use-intl';
import { type City, unwrap } from '#libs/api-client';
import { FormDialog } from '../../components/form-dialog.tsx';
import { api } from '../session/api.ts';
import { useCityName } from './use-city-name.ts';

interface DialogProps {
  city: Pick<City, 'id' | 'code' | 'name' | 'stage' | 'jobs'>;
  onDone: () => void;
  onClose: () => void;
}

/** Suspends a city, or takes it up again: the operator says why, and what becomes of what runs. */
export function SuspensionDialog(props: DialogProps) {
  return props.city.stage === 'suspended' ? <ResumeDialog {...props} /> : <SuspendDialog {...props} />;
}

function SuspendDialog({ city, onDone, onClose }: DialogProps) {
  const t = useTranslations('cities');
  const cityName = useCityName();
  const suspend = async ({ reason, running }: Record<'reason' | 'running', string>) => {
    const body = { reason, running: running as 'finish' | 'cancel' };
    await unwrap(api.POST('/api/ops/v1/cities/{id}/suspend', { params: { path: { id: city.id } }, body }));
  };
  return (
    <FormDialog
      title={t('suspendOf', { name: cityName(city) })}
      lead={t('suspendLead', { name: city.name })}
      submitLabel={t('suspend')}
      danger
      onSubmit={suspend}
      onDone={onDone}
      onClose={onClose}
      fields={[
        { name: 'reason', label: t('reason'), hint: t('reasonHint'), required: true, maxLength: 200 },
        {
          name: 'running',
          label: t('runningJobs', { count: city.jobs.running }),
          required: true,
          initial: 'finish',
          choices: (['finish', 'cancel'] as const).map((value) => ({ value, label: t(`runningChoices.${value}`) })),
        },
      ]}
    />
  );
}

function ResumeDialog({ city, onDone, onClose }: DialogProps) {
  const t = useTranslations('cities');
  const cityName = useCityName();
  const resume = async ({ reason }: Record<'reason', string>) => {
    await unwrap(api.POST('/api/ops/v1/cities/{id}/resume', { params: { path: { id: city.id } }, body: { reason } }));
  };
  return (
    <FormDialog
      title={t('resumeOf', { name: cityName(city) })}
      lead={t('resumeLead', { name: city.name, held: city.jobs.held })}
      submitLabel={t('resume')}
      onSubmit={resume}
      onDone={onDone}
      onClose={onClose}
      fields={[{ name: 'reason', label: t('reason'), hint: t('reasonHint'), required: true, maxLength: 200 }]}
    />
  );
}
