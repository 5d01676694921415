'use client';

import { useTranslations } from 'use-intl';
import { PageHeader } from '../../components/page-header.tsx';
import { PasswordChange } from '../session/password-change.tsx';
import { OwnFactors } from './own-factors.tsx';
import { OwnMail } from './own-mail.tsx';
import { OwnSessions } from './own-sessions.tsx';
import type { Plane } from './security-api.ts';

/** One's own account: password, second factors, sessions, mail. */
function AccountPage({ plane }: { plane: Plane }) {
  const t = useTranslations('security');
  return (
    <>
      <PageHeader title={t('account')} lead={t(plane === 'city' ? 'accountLead' : 'vendorAccountLead')} />
      {plane === 'city' && (
        <section className="flex flex-col items-start gap-3">
          <h2 className="text-std-20B-150">{t('password')}</h2>
          <p>{t('passwordLead')}</p>
          <PasswordChange look="outline" />
        </section>
      )}
      <OwnFactors plane={plane} />
      <OwnSessions plane={plane} />
      {plane === 'city' && <OwnMail />}
    </>
  );
}

export const CityAccount = () => <AccountPage plane="city" />;
export const VendorAccount = () => <AccountPage plane="vendor" />;
