'use client';

import { type FormEvent, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type RosterImport, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { disablesOf, useRosterAct } from './use-roster.ts';

/** The first of April that comes next, in Japan: what a transfer of personnel is for. */
function nextFirstOfApril(now = new Date()): string {
  const [year, rest] = [
    Number(now.toLocaleDateString('sv-SE', { timeZone: 'Asia/Tokyo' }).slice(0, 4)),
    now.toLocaleDateString('sv-SE', { timeZone: 'Asia/Tokyo' }).slice(5),
  ];
  return `${rest < '04-01' ? year : year + 1}-04-01`;
}

/** When it is to hold, and the last question before it does. */
export function DecideForm({ found }: { found: RosterImport }) {
  const t = useTranslations('roster');
  const { day: dayOf, number } = useFormats();
  const id = useId();
  const [isDated, setDated] = useState(false);
  const [day, setDay] = useState(nextFirstOfApril());
  const [isAsking, setAsking] = useState(false);
  const disables = disablesOf(found);
  const decide = useRosterAct(found.id, () =>
    unwrap(
      api.POST('/api/v1/roster-imports/{id}/plan', {
        params: { path: { id: found.id } },
        body: { digest: found.digest ?? '', effectiveOn: isDated ? day : null, confirmedDisables: disables },
      }),
    ),
  );
  const ask = (event: FormEvent) => {
    event.preventDefault();
    setAsking(true);
  };
  if (found.total === 0) return null;
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('steps.decide')}</h2>
      <form onSubmit={ask} className="flex flex-col gap-4">
        <fieldset className="flex flex-col gap-2">
          <legend className="text-std-16B-170">{t('when')}</legend>
          {[false, true].map((dated) => (
            <label key={String(dated)} className="flex items-start gap-2 text-std-16N-170">
              <input
                type="radio"
                name={`${id}-when`}
                className="mt-1.5 size-5 shrink-0"
                checked={isDated === dated}
                onChange={() => setDated(dated)}
              />
              {dated ? t('onDay') : t('now')}
            </label>
          ))}
        </fieldset>
        {isDated && (
          <div className="max-w-60">
            <TextField
              label={t('effectiveDay')}
              hint={t('effectiveHint')}
              type="date"
              required
              value={day}
              onChange={(event) => setDay(event.target.value)}
            />
          </div>
        )}
        <Button type="submit" className="w-fit">
          {isDated ? t('planButton') : t('applyButton')}
        </Button>
      </form>
      {isAsking && (
        <ConfirmDialog
          title={isDated ? t('confirmPlan', { day: dayOf(day) }) : t('confirmNow')}
          confirmLabel={isDated ? t('planButton') : t('applyButton')}
          danger={disables > 0}
          onConfirm={() => decide.mutateAsync(undefined)}
          onClose={() => setAsking(false)}
        >
          <p>{t('confirmChanges', { count: number(found.total) })}</p>
          {disables > 0 && <p className="text-error-2">{t('confirmDisables', { count: number(disables) })}</p>}
        </ConfirmDialog>
      )}
    </section>
  );
}
