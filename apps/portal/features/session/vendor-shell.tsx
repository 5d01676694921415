'use client';

import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { StepUpDialog } from '../security/step-up-dialog.tsx';
import { VendorMaintenance } from '../notices/vendor-banners.tsx';
import { FINANCE_PAGES, OPERATION_PAGES, can, vendorHomeOf } from './access.ts';
import { AccountLink } from './account-link.tsx';
import { api } from './api.ts';
import { NavLinks } from './nav-links.tsx';
import { SessionGate } from './session-gate.tsx';
import { Shell } from './shell.tsx';
import { useVendorMe } from './use-session.ts';

const SIGN_IN = '/ops/sign-in';

export function VendorShell({ children }: { children: ReactNode }) {
  const t = useTranslations('shell');
  return (
    <SessionGate session={useVendorMe()} signInPath={SIGN_IN}>
      {(me) => (
        <Shell
          owner={<Badge>{t('vendor')}</Badge>}
          person={me.vendorUser.displayName}
          account={<AccountLink href="/ops/account" />}
          home={vendorHomeOf(me)}
          sidebar={
            <>
              <NavLinks
                label={t('operations')}
                pages={OPERATION_PAGES.filter(({ permission }) => can(me, permission))}
              />
              <NavLinks label={t('finance')} pages={FINANCE_PAGES.filter(({ permission }) => can(me, permission))} />
            </>
          }
          signOut={() => unwrap(api.DELETE('/api/ops/v1/sessions/current'))}
          signInPath={SIGN_IN}
        >
          <VendorMaintenance />
          {children}
          <StepUpDialog plane="vendor" />
        </Shell>
      )}
    </SessionGate>
  );
}
