'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { type CityExitRecord, unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { useCityName } from '../cities/use-city-name.ts';
import { api } from '../session/api.ts';
import { type ExitStand, standOf } from './exit-stand.ts';

/** As many as anybody reads; cities that leave at once are few. */
const SHOWN = 20;
/** Nobody but the vendor can move these on, and a day that was promised to the city may have come. */
const FOR_THE_VENDOR: readonly ExitStand[] = ['stopped', 'deletable', 'freeze'];

/** Cities on their way out and what each waits for; those that wait for the vendor first. Not there while there are none. */
export function LeavingCities() {
  const t = useTranslations('exit');
  const exits = useQuery({
    queryKey: ['city-exits', 'open'],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/ops/v1/city-exits', { params: { query: { open: 'true', limit: SHOWN } }, signal })),
  });
  const leaving = (exits.data?.items ?? []).flatMap((exit) => {
    const stand = standOf(exit);
    return stand ? [{ exit, stand, isForVendor: FOR_THE_VENDOR.includes(stand) }] : [];
  });
  // Silence would say that no city leaves
  if (exits.error && !exits.data)
    return <ProblemNotice error={exits.error} title={t('leavingUnknown')} onRetry={() => void exits.refetch()} />;
  if (leaving.length === 0) return null;
  const isAwaited = leaving.some(({ isForVendor }) => isForVendor);
  return (
    <Banner
      tone={leaving.some(({ stand }) => stand === 'stopped') ? 'error' : isAwaited ? 'warning' : 'info'}
      title={t('leaving', { count: leaving.length, isMore: String(exits.data?.nextCursor !== null) })}
    >
      <ul className="flex list-disc flex-col gap-1 pl-6">
        {leaving
          .toSorted((one, other) => Number(other.isForVendor) - Number(one.isForVendor))
          .map(({ exit, stand }) => (
            <Leaving key={exit.id} exit={exit} stand={stand} />
          ))}
      </ul>
    </Banner>
  );
}

function Leaving({ exit: { city, deleteFrom }, stand }: { exit: CityExitRecord; stand: ExitStand }) {
  const t = useTranslations('exit');
  const { day } = useFormats();
  const cityName = useCityName();
  return (
    <li>
      <Link href={`/ops/cities/${city.id}`} className="text-key-900 underline underline-offset-4">
        {cityName(city)}
      </Link>{' '}
      {t(`stands.${stand}`, { day: deleteFrom ? day(deleteFrom) : '' })}
    </li>
  );
}
