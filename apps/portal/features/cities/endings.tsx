'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { api } from '../session/api.ts';
import { useCityName } from './use-city-name.ts';

/** Cities whose trial or contract ends soon, with nothing that follows. Not there while there are none. */
export function Endings() {
  const t = useTranslations('cities');
  const cityName = useCityName();
  const endings = useQuery({
    queryKey: ['city-endings'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/ops/v1/city-endings', { signal })),
  });
  const items = endings.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Banner tone="warning" title={t('endings', { count: items.length })}>
      <ul className="flex list-disc flex-col gap-1 pl-6">
        {items.map(({ city, kind, endsOn, daysLeft }) => (
          <li key={`${city.id} ${kind}`}>
            <Link href={`/ops/cities/${city.id}`} className="text-key-900 underline underline-offset-4">
              {cityName(city)}
            </Link>{' '}
            {t(`endingOf.${kind}`, { day: endsOn, days: daysLeft })}
          </li>
        ))}
      </ul>
    </Banner>
  );
}
