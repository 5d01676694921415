'use client';

import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { buttonClass } from '../../components/button.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { can } from '../session/access.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import { Calendar } from './calendar.tsx';
import { FormerOwners } from './former-owners.tsx';
import { HandoverList } from './handover-list.tsx';

/** 異動・退職: what is planned for the city's people, what was, and what becomes of what they leave behind. */
export function TransfersPage() {
  const t = useTranslations('transfers');
  const me = useSignedIn();
  const days = (['upcoming', 'past'] as const).map((when) => ({
    key: when,
    label: t(`tabs.${when}`),
    content: <Calendar key={when} when={when} />,
  }));
  const tabs = [
    ...(can(me, 'member:read') ? days : []),
    { key: 'left', label: t('tabs.left'), content: <FormerOwners /> },
    { key: 'handovers', label: t('tabs.handovers'), content: <HandoverList /> },
  ];
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={
          can(me, 'member:write') && (
            <Link href="/admin/members/import" className={buttonClass('outline')}>
              {t('toImport')}
            </Link>
          )
        }
      />
      <Tabs label={t('title')} tabs={tabs} />
    </>
  );
}
