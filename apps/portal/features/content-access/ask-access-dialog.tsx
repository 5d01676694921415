'use client';

import { useTranslations } from 'use-intl';
import { type Segment, unwrap } from '#libs/api-client';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useCityName } from '../cities/use-city-name.ts';
import { api } from '../session/api.ts';
import { useAttemptKey } from '../session/use-attempt-key.ts';

const SEGMENTS: readonly Segment[] = ['lgwan', 'my_number', 'internet'];
const MINUTES = [15, 30, 60, 120, 240, 480];
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface AskAccessDialogProps {
  city: { id: string; code: string; name: string };
  onAsked: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks a city to let oneself read; nothing can be read before its administrator approves. */
export function AskAccessDialog({ city, onAsked, onClose }: AskAccessDialogProps) {
  const t = useTranslations('contentAccess');
  const segments = useTranslations('segments');
  const cityName = useCityName();
  const { keyOf } = useAttemptKey();
  const checkId = (value: string) => (ID.test(value) ? undefined : t('idFault'));
  return (
    <FormDialog
      title={t('askTitle', { city: cityName(city) })}
      submitLabel={t('send')}
      onClose={onClose}
      onSubmit={async (
        values: Record<'ticket' | 'reason' | 'segment' | 'conversationId' | 'jobId' | 'minutes', string>,
      ) => {
        const body = {
          cityId: city.id,
          ticket: values.ticket,
          reason: values.reason,
          segment: values.segment as Segment,
          conversationId: values.conversationId || null,
          jobId: values.jobId || null,
          minutes: Number(values.minutes),
        };
        const header = { 'Idempotency-Key': keyOf(body) };
        await unwrap(api.POST('/api/ops/v1/content-accesses', { params: { header }, body }));
        await onAsked();
      }}
      fields={[
        { name: 'ticket', label: t('ticket'), hint: t('ticketHint'), required: true, maxLength: 64 },
        { name: 'reason', label: t('reason'), hint: t('reasonHint'), required: true, maxLength: 500 },
        {
          name: 'segment',
          label: t('segment'),
          required: true,
          initial: 'lgwan',
          choices: SEGMENTS.map((value) => ({ value, label: segments(value) })),
        },
        { name: 'conversationId', label: t('conversationId'), hint: t('idHint'), check: checkId },
        { name: 'jobId', label: t('jobId'), hint: t('idHint'), check: checkId },
        {
          name: 'minutes',
          label: t('duration'),
          hint: t('durationHint'),
          required: true,
          initial: '30',
          choices: MINUTES.map((minutes) => ({ value: String(minutes), label: t('minutes', { minutes }) })),
        },
      ]}
    />
  );
}
