'use client';

import type { Me } from '#libs/api-client';
import { BannerStack } from '../../components/banner-stack.tsx';
import { useBudgetBanners } from '../budget/use-budget-banners.tsx';
import { useFirstStepsBanners } from '../first-steps/use-first-steps-banners.tsx';
import { useUnreadMaintenance } from '../notices/use-maintenance-banners.tsx';
import { useFailedImportBanners } from '../roster/use-failed-import-banners.tsx';
import { useUrgentBanners } from '../urgent/use-urgent-banners.tsx';
import { can } from './access.ts';

/** What a member is told on every page. */
export function CityBanners({ me }: { me: Me }) {
  const firstSteps = useFirstStepsBanners(me);
  const urgent = useUrgentBanners();
  const maintenance = useUnreadMaintenance();
  const budget = useBudgetBanners();
  const failed = useFailedImportBanners(can(me, 'member:write'));
  return <BannerStack banners={[...failed, ...urgent, ...maintenance, ...budget, ...firstSteps]} />;
}
