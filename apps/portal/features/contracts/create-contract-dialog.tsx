'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type AgreedTerms, type CityWithWish, unwrap } from '#libs/api-client';
import { FormDialog, type FormField } from '../../components/form-dialog.tsx';
import { fiscalYear, jstMonth } from '../../i18n/jst.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { CONTRACTS_KEY, monthToLookAt, useCitiesWithout, useCouncils, usePlans } from './use-contracts.ts';
import { termsOf, useTermsFields } from './use-terms-fields.ts';

export const POSTAL_CODE = /^\d{3}-\d{4}$/;
const DELETION_DAYS = ['60', '75', '90'];
/** Stands where a plan's id would, until the terms themselves are filled in. */
const INDIVIDUAL = 'individual';

type ContractField =
  | 'cityId'
  | 'title'
  | 'startsOn'
  | 'endsOn'
  | 'planId'
  | 'councilId'
  | 'billingName'
  | 'billingPostalCode'
  | 'billingAddress'
  | 'deletionDays';
type Filled = Readonly<Record<ContractField, string>>;

interface CreateContractDialogProps {
  year: number;
  /** A city whose wish fills the form in. */
  wisher?: CityWithWish | undefined;
  onClose: () => void;
}

/** Writes a contract down, under a plan or under terms of its own, and puts it before a second person. */
export function CreateContractDialog({ year, wisher, onClose }: CreateContractDialogProps) {
  const t = useTranslations('contracts');
  const client = useQueryClient();
  const router = useRouter();
  const [filled, setFilled] = useState<Filled>();
  const [asksTerms, setAsksTerms] = useState(false);
  const fields = useContractFields(year, wisher);
  const termsFields = useTermsFields();

  const create = async (
    { cityId, title, startsOn, endsOn, billingName, ...values }: Filled,
    terms: { planId: string } | AgreedTerms,
  ) => {
    const body = {
      cityId,
      title,
      startsOn,
      endsOn,
      billingName,
      fiscalYear: year,
      councilId: values.councilId || null,
      billingPostalCode: values.billingPostalCode || null,
      billingAddress: values.billingAddress || null,
      deletionDays: Number(values.deletionDays),
      terms,
    };
    const { id } = await unwrap(api.POST('/api/finance/v1/contracts', { body }));
    await client.invalidateQueries({ queryKey: CONTRACTS_KEY });
    return id;
  };
  const show = (id: string) => router.push(`/finance/contracts/${id}`);

  if (filled && asksTerms)
    return (
      <FormDialog
        key="terms"
        title={t('individual')}
        lead={t('individualLead')}
        submitLabel={t('propose')}
        fields={termsFields}
        onSubmit={(values) => create(filled, termsOf(values))}
        onDone={show}
        onClose={() => setAsksTerms(false)}
      />
    );
  return (
    <FormDialog
      key="contract"
      title={t('create')}
      submitLabel={t('propose')}
      fields={filled ? fields.map((field) => ({ ...field, initial: filled[field.name] })) : fields}
      onSubmit={async (values) => {
        if (values.planId !== INDIVIDUAL) return create(values, { planId: values.planId });
        setFilled(values);
        return null;
      }}
      onDone={(id) => (id === null ? setAsksTerms(true) : show(id))}
      onClose={onClose}
    />
  );
}

function useContractFields(year: number, wisher: CityWithWish | undefined): FormField<ContractField>[] {
  const t = useTranslations('contracts');
  const { day } = useFormats();
  const cities = useCitiesWithout(monthToLookAt(year)).data?.items ?? [];
  const plans = usePlans().data?.items.filter(({ retiredAt }) => !retiredAt) ?? [];
  const councils = useCouncils(year).data?.items ?? [];
  return [
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
      codes: ['CONTRACTS.DATES_INVALID', 'CONTRACTS.OVERLAP', 'CONTRACTS.MONTH_CLOSED'],
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
      choices: [
        ...plans.map(({ id, code, name }) => ({ value: id, label: `${name}（${code}）` })),
        { value: INDIVIDUAL, label: t('individualChoice') },
      ],
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
  ];
}
