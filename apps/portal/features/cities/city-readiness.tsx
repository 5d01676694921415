'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type City, type CityInvitation, type CityReport, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { AdminInvitation } from '../onboarding/admin-invitation.tsx';
import { api } from '../session/api.ts';
import { useCityName } from './use-city-name.ts';

const POINTS = ['agreement', 'admin', 'network', 'budget', 'purpose', 'members'] as const;

/** What is missing before the city's people can work. */
export function CityReadiness({ city, report }: { city: Pick<City, 'id' | 'code' | 'name'>; report: CityReport }) {
  const t = useTranslations('cities');
  const { time } = useFormats();
  const cityName = useCityName();
  const { ready, admins } = report;
  const [invitation, setInvitation] = useState<'asking' | CityInvitation | null>(null);
  const close = () => setInvitation(null);
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-std-20B-150">{t('readiness')}</h2>
      <ul className="flex flex-col gap-2">
        {POINTS.map((point) => (
          <li key={point} className="flex items-center gap-3">
            <Badge tone={ready[point] ? 'green' : 'yellow'}>{t(ready[point] ? 'readyDone' : 'readyMissing')}</Badge>
            <span>{t(`ready.${point}`)}</span>
          </li>
        ))}
      </ul>
      <p>{t('admins', { came: admins.came, invited: admins.invited, time: time(admins.lastSignInAt) })}</p>
      {!ready.admin && (
        <Button className="w-fit" look="outline" size="sm" onClick={() => setInvitation('asking')}>
          {t('inviteAgain')}
        </Button>
      )}
      {invitation === 'asking' && (
        <ConfirmDialog
          title={t('inviteAgainOf', { name: cityName(city) })}
          confirmLabel={t('inviteAgainConfirm')}
          onConfirm={() =>
            unwrap(api.POST('/api/ops/v1/cities/{id}/invitation', { params: { path: { id: city.id } } }))
          }
          onDone={setInvitation}
          onClose={close}
        >
          {t('inviteAgainLead')}
        </ConfirmDialog>
      )}
      {invitation && invitation !== 'asking' && (
        <AdminInvitation cityName={cityName(city)} invitation={invitation} onClose={close} />
      )}
    </section>
  );
}
