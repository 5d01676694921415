'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type City, type CityReport, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { CITIES_KEY } from './cities-page.tsx';

/** Until when the city is under contract or on trial. What it pays is finance's. */
export function CityContracts({ city, contracts }: { city: City; contracts: CityReport['contracts'] }) {
  const t = useTranslations('cities');
  const { day } = useFormats();
  const client = useQueryClient();
  const [moving, setMoving] = useState(false);
  const move = async ({ trialEndsOn }: Record<'trialEndsOn', string>) => {
    const body = { trialEndsOn: trialEndsOn || null };
    await unwrap(api.PATCH('/api/ops/v1/cities/{id}', { params: { path: { id: city.id } }, body }));
    await client.invalidateQueries({ queryKey: CITIES_KEY });
  };
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-std-20B-150">{t('contracts')}</h2>
      {contracts.length === 0 ? (
        <p>{t('noContracts')}</p>
      ) : (
        <DataTable
          caption={t('contracts')}
          rows={contracts}
          rowKey={({ id }) => id}
          columns={[
            { key: 'title', header: t('contractTitle'), isHeader: true, cell: ({ title }) => title },
            {
              key: 'term',
              header: t('contractTerm'),
              cell: ({ startsOn, endsOn }) => t('term', { from: day(startsOn), to: day(endsOn) }),
            },
            { key: 'plan', header: t('plan'), cell: ({ plan }) => plan ?? '—' },
            {
              key: 'approved',
              header: t('status'),
              cell: ({ approved }) => (
                <Badge tone={approved ? 'green' : 'yellow'}>{t(approved ? 'approved' : 'proposed')}</Badge>
              ),
            },
          ]}
        />
      )}
      {city.trialEndsOn && <p>{t('trialUntil', { day: day(city.trialEndsOn) })}</p>}
      <Button className="w-fit" look="outline" size="sm" onClick={() => setMoving(true)}>
        {t('moveTrial')}
      </Button>
      {moving && (
        <FormDialog
          title={t('moveTrial')}
          lead={t('moveTrialLead')}
          submitLabel={t('moveTrialSubmit')}
          fields={[{ name: 'trialEndsOn', label: t('trialEndsOn'), isDay: true, initial: city.trialEndsOn ?? '' }]}
          onSubmit={move}
          onClose={() => setMoving(false)}
        />
      )}
    </section>
  );
}
