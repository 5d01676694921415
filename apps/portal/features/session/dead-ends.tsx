'use client';

import { useTranslations } from 'use-intl';
import { Button, buttonClass } from '../../components/button.tsx';

const FRAME = 'mx-auto flex min-h-dvh w-full max-w-[40rem] flex-col justify-center gap-4 p-8';

export function NotFound() {
  const t = useTranslations('errors');
  return (
    <main className={FRAME}>
      <h1 className="text-std-28B-150">{t('notFound')}</h1>
      <p>{t('notFoundLead')}</p>
      {/* A page load: which page is the first depends on the listener, and the proxy decides that */}
      <a href="/" className={`${buttonClass('outline')} self-start`}>
        {t('toHome')}
      </a>
    </main>
  );
}

/** A defect of the portal itself; failures of the API are shown where they happen. */
export function Unexpected() {
  const t = useTranslations('errors');
  return (
    <main className={FRAME}>
      <h1 className="text-std-28B-150">{t('unexpected')}</h1>
      <p>{t('unexpectedLead')}</p>
      <Button className="self-start" onClick={() => window.location.reload()}>
        {t('reload')}
      </Button>
    </main>
  );
}
