'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'use-intl';
import { type CityWithWish, unwrap } from '#libs/api-client';
import { FormDialog } from '../../components/form-dialog.tsx';
import { fiscalYear, jstMonth } from '../../i18n/jst.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { CONTRACTS_KEY, monthToLookAt, useCitiesWithout, useCouncils, usePlans } from './use-contracts.ts';

export const POSTAL_CODE = /^\d{3}-\d{4}$/;
const DELETION_DAYS = ['60', '75', '90'];

interface CreateContractDialogProps {
  year: number;
  /** A city whose wish fills the form in. */
  wisher?: CityWithWish | undefined;
  onClose: () => void;
}

/** Writes a contract down and puts it before a second person. */
export function CreateContractDialog({ year, wisher, onClose }: CreateContractDialogProps) {
  const t = useTranslations('contracts');
  const { day } = useFormats();
  const client = useQueryClient();
  const router = useRouter();
  const cities = useCitiesWithout(monthToLookAt(year)).data?.items ?? [];
  const plans = usePlans().data?.items.filter(({ retiredAt }) => !retiredAt) ?? [];
  const councils = useCouncils(year).data?.items ?? [];
  return (
    <FormDialog
      title={t('create')}
      submitLabel={t('propose')}
      fields={[
        {
          name: 'cityId',
          label: t('city'),
          required: true,
          placeholder: t('choose'),
          initial: wisher?.id,
          choices: cities.map(({ id, code, name }) => ({ value: id, label: `${code} ${name}` })),
        },
        { name: 'title', label: t('name'), required: true, initial: t('defaultName'), maxLength: 100 },
        {
          name: 'startsOn',
          label: t('startsOn'),
          hint: t('daysHint', { from: day(`${year}-04-01`), to: day(`${year + 1}-03-31`) }),
          required: true,
          isDay: true,
          initial: wisher?.wish?.startsOn ?? (year === fiscalYear() ? `${jstMonth()}-01` : `${year}-04-01`),
        },
        {
          name: 'endsOn',
          label: t('endsOn'),
          required: true,
          isDay: true,
          initial: wisher?.wish?.endsOn ?? `${year + 1}-03-31`,
        },
        {
          name: 'planId',
          label: t('plan'),
          required: true,
          placeholder: t('choose'),
          initial: wisher?.wish?.planId,
          choices: plans.map(({ id, code, name }) => ({ value: id, label: `${name}（${code}）` })),
        },
        {
          name: 'councilId',
          label: t('council'),
          placeholder: t('none'),
          choices: councils.map(({ id, name }) => ({ value: id, label: name })),
        },
        {
          name: 'billingName',
          label: t('billingName'),
          hint: t('billingNameHint'),
          required: true,
          maxLength: 100,
          initial: wisher?.wish?.billingName,
        },
        {
          name: 'billingPostalCode',
          label: t('postalCode'),
          placeholder: '000-0000',
          check: (value) => (POSTAL_CODE.test(value) ? undefined : t('postalCodeFault')),
        },
        { name: 'billingAddress', label: t('address'), maxLength: 200 },
        {
          name: 'deletionDays',
          label: t('deletionDays'),
          initial: '90',
          choices: DELETION_DAYS.map((days) => ({ value: days, label: t('days', { days }) })),
        },
      ]}
      onSubmit={async ({ planId, councilId, billingPostalCode, billingAddress, deletionDays, ...rest }) => {
        const body = {
          ...rest,
          fiscalYear: year,
          councilId: councilId || null,
          billingPostalCode: billingPostalCode || null,
          billingAddress: billingAddress || null,
          deletionDays: Number(deletionDays),
          terms: { planId },
        };
        const made = await unwrap(api.POST('/api/finance/v1/contracts', { body }));
        await client.invalidateQueries({ queryKey: CONTRACTS_KEY });
        return made;
      }}
      onDone={({ id }) => router.push(`/finance/contracts/${id}`)}
      onClose={onClose}
    />
  );
}
