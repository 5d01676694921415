'use client';

import { unwrap } from '#libs/api-client';
import { api } from '../session/api.ts';
import { EstimateView } from './estimate-view.tsx';

export function VendorEstimatePage({ cityId }: { cityId: string }) {
  return (
    <EstimateView
      subject={cityId}
      read={(query, signal) =>
        unwrap(api.GET('/api/finance/v1/cities/{cityId}/estimate', { params: { path: { cityId }, query }, signal }))
      }
    />
  );
}
