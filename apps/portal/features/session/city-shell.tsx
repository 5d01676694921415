'use client';

import { type ReactNode, createContext, use } from 'react';
import { useTranslations } from 'use-intl';
import { type Me, type Segment, unwrap } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
import { History } from '../chat/history.tsx';
import { StepUpDialog } from '../security/step-up-dialog.tsx';
import { NoticeBell } from '../notices/notice-bell.tsx';
import { ADMIN_PAGES, WORK_PAGES, can, canChat, homeOf } from './access.ts';
import { AccountLink } from './account-link.tsx';
import { api } from './api.ts';
import { CityBanners } from './city-banners.tsx';
import { NavLinks } from './nav-links.tsx';
import { NetworkRules } from './network-rules.ts';
import { SessionGate } from './session-gate.tsx';
import { Shell } from './shell.tsx';
import { useMe } from './use-session.ts';

const SEGMENT_TONES: Record<Segment, BadgeTone> = { lgwan: 'blue', my_number: 'purple', internet: 'yellow' };
const SIGN_IN = '/sign-in';

const SignedIn = createContext<Me | null>(null);

/** The signed-in member, for components below the shell. */
export function useSignedIn(): Me {
  const me = use(SignedIn);
  if (!me) throw new Error('useSignedIn stands outside CityShell');
  return me;
}

export function CityShell({ children }: { children: ReactNode }) {
  const t = useTranslations();
  return (
    <SessionGate session={useMe()} signInPath={SIGN_IN}>
      {(me) => (
        <SignedIn value={me}>
          <NetworkRules value={me.policy}>
            <Shell
              owner={
                <>
                  <span className="text-std-16B-170">{me.city.name}</span>
                  <Badge tone={SEGMENT_TONES[me.segment]}>{t(`segments.${me.segment}`)}</Badge>
                  <NoticeBell />
                </>
              }
              person={[me.member.department?.name, me.member.displayName].filter(Boolean).join(' ')}
              account={<AccountLink href="/account" />}
              home={homeOf(me)}
              sidebar={
                <>
                  {canChat(me) && <History />}
                  <NavLinks
                    label={t('shell.work')}
                    pages={WORK_PAGES.filter(({ permission }) => can(me, permission))}
                  />
                  <NavLinks
                    label={t('shell.admin')}
                    pages={ADMIN_PAGES.filter(({ permission }) => can(me, permission))}
                  />
                </>
              }
              signOut={() => unwrap(api.DELETE('/api/v1/sessions/current'))}
              signInPath={SIGN_IN}
            >
              <CityBanners me={me} />
              {children}
              <StepUpDialog plane="city" />
            </Shell>
          </NetworkRules>
        </SignedIn>
      )}
    </SessionGate>
  );
}
