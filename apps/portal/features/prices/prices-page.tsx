'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../components/button.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { can } from '../session/access.ts';
import { useVendorMe } from '../session/use-session.ts';
import { FxRates } from './fx-rates.tsx';
import { ModelPrices } from './model-prices.tsx';
import { ProposeFxRateDialog, ProposePriceDialog } from './propose-dialogs.tsx';
import { usePriceBook } from './use-price-book.ts';

/** The price book of the vendor: one person proposes, another approves, nobody edits. */
export function PricesPage() {
  const t = useTranslations('prices');
  const me = useVendorMe().data;
  const book = usePriceBook();
  const [open, setOpen] = useState<'price' | 'rate' | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={
          me &&
          can(me, 'price:propose') && (
            <>
              <Button onClick={() => setOpen('price')}>{t('proposePrice')}</Button>
              <Button look="outline" onClick={() => setOpen('rate')}>
                {t('proposeFxRate')}
              </Button>
            </>
          )
        }
      />
      <Tabs
        label={t('title')}
        tabs={[
          { key: 'models', label: t('models'), content: <ModelPrices book={book} /> },
          { key: 'fx', label: t('fxRates'), content: <FxRates /> },
        ]}
      />
      {open === 'price' && <ProposePriceDialog book={book.data} onClose={close} />}
      {open === 'rate' && <ProposeFxRateDialog onClose={close} />}
    </>
  );
}
