'use client';

import { useRouter } from 'next/navigation';
import { useLocale, useTranslations } from 'use-intl';
import { Button } from '../../components/button.tsx';
import { LOCALE_COOKIE } from '../../i18n/messages.ts';

const ONE_YEAR_S = 31_536_000;

export function LocaleSwitch() {
  const t = useTranslations('common');
  const router = useRouter();
  const other = useLocale() === 'ja' ? 'en' : 'ja';
  return (
    <Button
      look="text"
      size="sm"
      lang={other}
      onClick={() => {
        document.cookie = `${LOCALE_COOKIE}=${other}; Path=/; Max-Age=${ONE_YEAR_S}; SameSite=Strict`;
        router.refresh();
      }}
    >
      {t('otherLanguage')}
    </Button>
  );
}
