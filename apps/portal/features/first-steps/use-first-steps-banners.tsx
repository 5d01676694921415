'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useTranslations } from 'use-intl';
import type { Me } from '#libs/api-client';
import type { StackedBanner } from '../../components/banner-stack.tsx';
import { buttonClass } from '../../components/button.tsx';
import { can } from '../session/access.ts';
import { jstToday } from '../../i18n/jst.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { useFirstSteps } from './use-first-steps.ts';

const PATH = '/admin/first-steps';
const REMINDED_DAYS = 14;
const DAY_MS = 86_400_000;

/** Leads a new city's administrator to what is left to do, and reminds of a trial's end before it comes. */
export function useFirstStepsBanners(me: Me): StackedBanner[] {
  const t = useTranslations('firstSteps');
  const { day } = useFormats();
  const mayAct = can(me, 'member:write');
  const path = usePathname();
  const { data } = useFirstSteps(mayAct);
  if (!mayAct) return [];
  const left = data && !data.dismissed ? data.steps.filter(({ done, isOptional }) => !done && !isOptional).length : 0;
  const banners: StackedBanner[] = [];
  const ending = endOfTrial(me.trialEndsOn);
  if (ending)
    banners.push({
      id: 'trial',
      tone: ending.days < 0 ? 'error' : 'warning',
      title: t(ending.days < 0 ? 'trialOver' : 'trialEnds', { ...ending, day: day(ending.day) }),
      children: <p>{t('trialAdvice')}</p>,
    });
  if (left > 0 && path !== PATH)
    banners.push({
      id: 'first-steps',
      tone: 'info',
      title: t('hint', { left }),
      actions: (
        <Link href={PATH} className={buttonClass('outline', 'sm')}>
          {t('look')}
        </Link>
      ),
    });
  return banners;
}

/** Null unless the trial is over or ends within two weeks. */
function endOfTrial(day: string | null): { day: string; days: number } | null {
  if (!day) return null;
  const days = Math.round((Date.parse(day) - Date.parse(jstToday())) / DAY_MS);
  return days > REMINDED_DAYS ? null : { day, days };
}
