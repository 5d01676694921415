'use client';

import { useQuery } from '@tanstack/react-query';
import { unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { BannerStack } from '../../components/banner-stack.tsx';
import { api } from '../session/api.ts';
import { useMaintenanceBanner } from './use-maintenance-banners.tsx';

const REFRESH_MS = 120_000;

/** Everything that cities are told of maintenance now. */
export function VendorMaintenance() {
  const notices = useQuery({
    queryKey: ['vendor-notices'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/ops/v1/notices', { signal })),
    refetchInterval: REFRESH_MS,
  });
  const bannerOf = useMaintenanceBanner();
  return <BannerStack banners={(notices.data?.items ?? []).map((notice) => bannerOf(notice))} />;
}

/** Where people sign in: what is for everybody. Nothing when it cannot be asked; the sign-in itself will say so. */
export function SignInMaintenance({ plane }: { plane: 'city' | 'vendor' }) {
  const notices = useQuery({
    queryKey: ['sign-in-notices', plane],
    queryFn: ({ signal }) =>
      unwrap(
        plane === 'city'
          ? api.GET('/api/v1/sign-in-notices', { signal })
          : api.GET('/api/ops/v1/sign-in-notices', { signal }),
      ),
  });
  const bannerOf = useMaintenanceBanner();
  const banners = (notices.data?.items ?? []).map((notice) => bannerOf(notice));
  return (
    <div role="status" className={banners.length > 0 ? 'flex flex-col gap-3' : undefined}>
      {banners.map((banner) => (
        <Banner key={banner.id} {...banner} />
      ))}
    </div>
  );
}
