'use client';

import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Banner, type BannerProps } from './banner.tsx';
import { Button } from './button.tsx';

export interface StackedBanner extends BannerProps {
  id: string;
}

const URGENCY: readonly BannerProps['tone'][] = ['error', 'warning', 'info', 'success'];

/**
 * What everybody is told on every page, the most urgent first. On narrow screens one is shown whole and the others open
 * behind a button, so that a page's heading is not pushed out of sight.
 */
export function BannerStack({ banners }: { banners: readonly StackedBanner[] }) {
  const t = useTranslations('common');
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const [first, ...others] = [...banners].sort((a, b) => URGENCY.indexOf(a.tone) - URGENCY.indexOf(b.tone));
  return (
    <div role="status" className={first && 'flex flex-col gap-3 px-4 pt-4 sm:px-8 print:hidden'}>
      {first && <Banner key={first.id} {...first} />}
      {others.length > 0 && (
        <>
          <Button
            look="outline"
            size="sm"
            className="w-fit sm:hidden"
            aria-expanded={isOpen}
            aria-controls={id}
            onClick={() => setOpen(!isOpen)}
          >
            {t(isOpen ? 'fewerBanners' : 'moreBanners', { count: others.length })}
          </Button>
          <div id={id} className={`flex flex-col gap-3 ${isOpen ? '' : 'max-sm:hidden'}`}>
            {others.map((banner) => (
              <Banner key={banner.id} {...banner} />
            ))}
          </div>
        </>
      )}
    </div>
  );
}
