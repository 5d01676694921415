'use client';

import { useTranslations } from 'use-intl';
import { useFormats } from '../../i18n/use-formats.ts';

/** How far work on rows is, in words. A hundred percent only when it is all. */
export function useRowProgress(): (done: number, total: number) => string {
  const t = useTranslations('exit');
  const { number, percent } = useFormats();
  return (done, total) => {
    const part = total > 0 ? Math.floor((done / total) * 100) / 100 : 0;
    return t('rows', { done: number(done), total: number(total), percent: percent(part) });
  };
}
