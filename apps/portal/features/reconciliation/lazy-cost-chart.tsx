'use client';

import dynamic from 'next/dynamic';

/** The chart's library is larger than the rest of the portal: it is fetched only by the pages that show a chart. */
export const LazyCostChart = dynamic(() => import('./cost-chart.tsx'), {
  ssr: false,
  loading: () => <div aria-hidden="true" className="h-[19.5rem] animate-pulse rounded-8 bg-solid-gray-50" />,
});
