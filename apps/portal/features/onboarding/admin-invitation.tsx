'use client';

import { useTranslations } from 'use-intl';
import type { CityInvitation } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { SecretDialog } from '../../components/secret-dialog.tsx';
import { useFormats } from '../../i18n/use-formats.ts';

interface AdminInvitationProps {
  cityName: string;
  invitation: CityInvitation;
  onClose: () => void;
}

/** What becomes of a first administrator's invitation: it is on its way by mail, or it is seen this one time. */
export function AdminInvitation({ cityName, invitation, onClose }: AdminInvitationProps) {
  const t = useTranslations('cities');
  const common = useTranslations('common');
  const { time } = useFormats();
  const { token, expiresAt } = invitation;
  if (token === null)
    return (
      <Dialog title={t('invitationMailedTitle')} onClose={onClose}>
        <p>{t('invitationMailed', { city: cityName, time: time(expiresAt) })}</p>
        <Button className="self-end" onClick={onClose}>
          {common('close')}
        </Button>
      </Dialog>
    );
  return (
    <SecretDialog
      title={t('invitationTitle')}
      subject={t('invitationFor', { city: cityName, time: time(expiresAt) })}
      secret={`/invitation#${token}`}
      onClose={onClose}
    />
  );
}
