import { CityAccount } from '../../../../features/security/account-page.tsx';
import { PageBody } from '../../../../features/session/shell.tsx';
import { titled } from '../../../../i18n/page-title.ts';

export const generateMetadata = titled('account');

export default function AccountRoute() {
  return (
    <PageBody>
      <CityAccount />
    </PageBody>
  );
}
