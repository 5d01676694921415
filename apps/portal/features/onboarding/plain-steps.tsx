'use client';

import { useTranslations } from 'use-intl';
import { SelectField, TextField } from '../../components/field.tsx';
import { isMunicipalityCode } from '../cities/municipality-code.ts';
import type { Editing } from './use-onboarding.ts';

export interface StepProps {
  editing: Editing;
}

/** Which city. The code is held against its check digit as it is typed, and against the register when it is left. */
export function CityStep({ editing: { draft, set, save, faultAt } }: StepProps) {
  const t = useTranslations('onboarding');
  const code = draft.code ?? '';
  const slip = code.length === 6 && !isMunicipalityCode(code) ? t('codeFault') : undefined;
  return (
    <>
      <TextField
        label={t('code')}
        hint={t('codeHint')}
        required
        inputMode="numeric"
        maxLength={6}
        value={code}
        error={slip ?? faultAt('/code')}
        onChange={(event) => set({ code: event.target.value.trim() })}
        onBlur={() => void save()}
      />
      <TextField
        label={t('name')}
        required
        maxLength={100}
        value={draft.name ?? ''}
        error={faultAt('/name')}
        onChange={(event) => set({ name: event.target.value })}
      />
    </>
  );
}

/** Who begins the city's administration. */
export function AdminStep({ editing: { draft, set, save, faultAt } }: StepProps) {
  const t = useTranslations('onboarding');
  const segments = useTranslations('segments');
  const admin = draft.firstAdmin ?? {};
  return (
    <>
      <p>{t('adminLead')}</p>
      <TextField
        label={t('adminLoginId')}
        required
        maxLength={64}
        autoComplete="off"
        value={admin.loginId ?? ''}
        error={faultAt('/firstAdmin/loginId')}
        onChange={(event) => set({ firstAdmin: { ...admin, loginId: event.target.value } })}
        onBlur={() => void save()}
      />
      <TextField
        label={t('adminName')}
        required
        maxLength={100}
        autoComplete="off"
        value={admin.displayName ?? ''}
        error={faultAt('/firstAdmin/displayName')}
        onChange={(event) => set({ firstAdmin: { ...admin, displayName: event.target.value } })}
      />
      <TextField
        label={t('adminMail')}
        hint={t('adminMailHint')}
        type="email"
        maxLength={254}
        autoComplete="off"
        value={admin.mailAddress ?? ''}
        error={faultAt('/firstAdmin/mailAddress', true)}
        onChange={(event) => set({ firstAdmin: { ...admin, mailAddress: event.target.value.trim() || undefined } })}
        onBlur={() => void save()}
      />
      <SelectField
        label={t('adminSegment')}
        value={admin.segment ?? 'lgwan'}
        error={faultAt('/firstAdmin/segment', true)}
        choices={(['lgwan', 'my_number'] as const).map((value) => ({ value, label: segments(value) }))}
        onChange={(event) => set({ firstAdmin: { ...admin, segment: event.target.value as 'lgwan' | 'my_number' } })}
      />
    </>
  );
}
