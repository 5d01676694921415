'use client';

import { useTranslations } from 'use-intl';

const SHOWN = 5;

/** A few names, and the number of the others; all of them for whoever asks. */
export function CityNames({ names }: { names: readonly string[] }) {
  const t = useTranslations('urgent');
  if (names.length <= SHOWN) return names.join('、');
  return (
    <details>
      <summary>{t('citiesMore', { names: names.slice(0, SHOWN).join('、'), more: names.length - SHOWN })}</summary>
      {names.slice(SHOWN).join('、')}
    </details>
  );
}
