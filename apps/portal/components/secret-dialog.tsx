'use client';

import { useTranslations } from 'use-intl';
import { Banner } from './banner.tsx';
import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { Dialog } from './dialog.tsx';

interface SecretDialogProps {
  title: string;
  /** Whose or what the secret is for. */
  subject: string;
  secret: string;
  onClose: () => void;
}

/** A password or key the server keeps no copy of: shown here once, never again. */
export function SecretDialog({ title, subject, secret, onClose }: SecretDialogProps) {
  const t = useTranslations('common');
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{subject}</p>
      <div className="flex flex-wrap items-center gap-3 rounded-8 bg-solid-gray-50 p-4">
        <code data-testid="secret" className="grow font-mono text-std-18N-160 break-all">
          {secret}
        </code>
        <CopyButton text={secret} label={t('copy')} />
      </div>
      <Banner tone="warning" title={t('secretOnce')} />
      <div className="flex justify-end">
        <Button onClick={onClose}>{t('close')}</Button>
      </div>
    </Dialog>
  );
}
