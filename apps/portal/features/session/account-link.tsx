'use client';

import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { buttonClass } from '../../components/button.tsx';

/** To the page of one's own password, second factors and sessions. */
export function AccountLink({ href }: { href: string }) {
  const t = useTranslations('security');
  return (
    <Link href={href} className={buttonClass('text', 'sm')}>
      {t('accountLink')}
    </Link>
  );
}
