'use client';

import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { buttonClass } from '../../components/button.tsx';
import { api } from '../session/api.ts';
import { useNetworkRules } from '../session/network-rules.ts';
import { EstimateView } from './estimate-view.tsx';
import { toSearch } from './what-if.ts';

export function CityEstimatePage() {
  const t = useTranslations('estimate');
  const { takeOut } = useNetworkRules();
  return (
    <EstimateView
      subject="own"
      read={(query, signal) => unwrap(api.GET('/api/v1/estimate', { params: { query }, signal }))}
      exports={(query) =>
        takeOut.export &&
        (['csv', 'xlsx'] as const).map((format) => (
          <a
            key={format}
            href={`/api/v1/estimate.${format}?${toSearch(query)}`}
            download={`moyai-estimate.${format}`}
            className={buttonClass('outline')}
          >
            {t(format)}
          </a>
        ))
      }
    />
  );
}
