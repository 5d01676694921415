'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type RosterImport, unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Meter } from '../../components/meter.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { useOwnMail } from '../security/use-own-mail.ts';
import { Tick } from '../segments/tick.tsx';
import { api } from '../session/api.ts';
import { Changes } from './check-report.tsx';
import { useRosterAct } from './use-roster.ts';

/** What became of a decision: it waits for its day, is being applied, was applied, or failed as a whole. */
export function Outcome({ found, onCheck }: { found: RosterImport; onCheck: () => void }) {
  const t = useTranslations('roster');
  const { day, number, time } = useFormats();
  const { state, counts, effectiveOn, done, total, endedAt, failure } = found;
  const waits = state === 'planned' && effectiveOn !== null;
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('steps.apply')}</h2>
      {waits && (
        <Banner
          tone="info"
          role="status"
          title={t('waits', { day: day(effectiveOn) })}
          actions={<Cancel found={found} />}
        >
          <p>{t('waitsLead')}</p>
        </Banner>
      )}
      {(state === 'applying' || (state === 'planned' && !waits)) && (
        <div role="status">
          <Meter
            neutral
            label={t('applying')}
            value={done}
            max={total}
            text={t('progress', { done: number(done), total: number(total) })}
          />
        </div>
      )}
      {state === 'applied' && (
        <Banner
          tone="success"
          role="status"
          title={t('applied', { time: time(endedAt) })}
          actions={counts && counts.member.added > 0 && <Invite id={found.id} />}
        >
          {counts && counts.member.added > 0 && <p>{t('appliedLead')}</p>}
        </Banner>
      )}
      {state === 'failed' && failure && (
        <Banner
          tone="error"
          role="alert"
          title={t('failed')}
          actions={
            <>
              <Button size="sm" onClick={onCheck}>
                {t('checkAgain')}
              </Button>
              <Cancel found={found} />
            </>
          }
        >
          <p>{failure.detail ?? failure.title}</p>
          <p>{t('failedLead')}</p>
        </Banner>
      )}
      {state === 'cancelled' && <Banner tone="info" role="status" title={t('cancelled', { time: time(endedAt) })} />}
      {state !== 'cancelled' && <Changes found={found} />}
    </section>
  );
}

/** Invitations for those who were added. Asked for by POST, because each time it issues new ones. */
function Invite({ id }: { id: string }) {
  const t = useTranslations('roster');
  const [isAsking, setAsking] = useState(false);
  const [byMail, setByMail] = useState(false);
  const canMail = useOwnMail().data?.isOn === true;
  const issue = async () => {
    const params = { path: { id }, query: { by: byMail ? ('mail' as const) : ('link' as const) } };
    const csv = await unwrap(api.POST('/api/v1/roster-imports/{id}/invitations', { params, parseAs: 'blob' }));
    saveFile(csv, `${t('inviteFile')}.csv`);
  };
  return (
    <>
      <Button look="outline" size="sm" onClick={() => setAsking(true)}>
        {t('invite')}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t('inviteTitle')}
          confirmLabel={t('inviteConfirm')}
          onConfirm={issue}
          onClose={() => setAsking(false)}
        >
          <div className="flex flex-col gap-4">
            <p>{t('inviteLead')}</p>
            {canMail && <Tick label={t('byMail')} hint={t('byMailHint')} checked={byMail} onChange={setByMail} />}
          </div>
        </ConfirmDialog>
      )}
    </>
  );
}

function saveFile(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function Cancel({ found: { id, state } }: { found: RosterImport }) {
  const t = useTranslations('roster');
  const common = useTranslations('common');
  const [isAsking, setAsking] = useState(false);
  const params = { path: { id } };
  const cancel = useRosterAct(id, () => unwrap(api.POST('/api/v1/roster-imports/{id}/cancel', { params })));
  const label = state === 'failed' ? t('putAside') : t('cancelPlan');
  return (
    <>
      <Button look="outline" size="sm" onClick={() => setAsking(true)}>
        {label}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={label}
          confirmLabel={label}
          leaveLabel={common('back')}
          danger
          onConfirm={() => cancel.mutateAsync(undefined)}
          onClose={() => setAsking(false)}
        >
          {t('cancelLead')}
        </ConfirmDialog>
      )}
    </>
  );
}
