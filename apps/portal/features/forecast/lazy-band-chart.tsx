'use client';

import dynamic from 'next/dynamic';

/** See LazyTokenChart: the library of charts is large. */
export const LazyBandChart = dynamic(() => import('./band-chart.tsx'), {
  ssr: false,
  loading: () => <div aria-hidden="true" className="h-[20.5rem] animate-pulse rounded-8 bg-solid-gray-50" />,
});
