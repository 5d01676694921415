'use client';

import { useTranslations } from 'use-intl';

/** Grey bars where content will stand; said once to a screen reader as "loading". */
export function Skeleton({ rows = 4 }: { rows?: number }) {
  const t = useTranslations('common');
  return (
    <div role="status" className="flex flex-col gap-3">
      <span className="sr-only">{t('loading')}</span>
      {Array.from({ length: rows }, (_, index) => (
        <div
          key={index}
          aria-hidden="true"
          className={`h-6 animate-pulse rounded-4 bg-solid-gray-100 ${index % 3 === 2 ? 'w-2/3' : 'w-full'}`}
        />
      ))}
    </div>
  );
}
