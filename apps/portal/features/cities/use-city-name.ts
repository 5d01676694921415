import { useTranslations } from 'use-intl';

interface City {
  readonly name: string;
  readonly code: string;
}

/** How a sentence of the vendor's names a city: with its code, since cities of two prefectures may share a name. */
export function useCityName(): (city: City) => string {
  const t = useTranslations('common');
  return ({ name, code }) => t('cityOfCode', { name, code });
}
