'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { SecondFactors } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { EnrolPasskey } from './enrol-passkey.tsx';
import { EnrolTotp } from './enrol-totp.tsx';
import { PasskeyNote } from './passkey-note.tsx';
import { passkeyBar } from './passkeys.ts';
import { RecoveryCodes } from './recovery-codes.tsx';
import { type Plane, SECURITY } from './security-api.ts';

type Factor = SecondFactors['factors'][number];
type Open =
  | { kind: 'enrol' }
  | { kind: 'passkey' }
  | { kind: 'renew' }
  | { kind: 'codes'; codes: readonly string[] }
  | { kind: 'remove'; factor: Factor };

export function OwnFactors({ plane }: { plane: Plane }) {
  const t = useTranslations('security');
  const client = useQueryClient();
  const formats = useFormats();
  const calls = SECURITY[plane];
  const queryKey = ['own-factors', plane];
  const own = useQuery({ queryKey, queryFn: calls.factors });
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => {
    setOpen(null);
    void client.invalidateQueries({ queryKey });
  };
  const factors = own.data?.factors ?? [];
  const columns: Column<Factor>[] = [
    {
      key: 'kind',
      header: t('kind'),
      isHeader: true,
      cell: ({ kind, name }) => (kind === 'passkey' ? t('passkeyNamed', { name }) : t(`kinds.${kind}`)),
    },
    { key: 'createdAt', header: t('addedAt'), cell: ({ createdAt }) => formats.time(createdAt) },
    { key: 'lastUsedAt', header: t('lastUsedAt'), cell: ({ lastUsedAt }) => formats.time(lastUsedAt) },
    {
      key: 'actions',
      header: t('actions'),
      isActions: true,
      cell: (factor) => (
        <Button look="outline" size="sm" onClick={() => setOpen({ kind: 'remove', factor })}>
          {t('remove')}
        </Button>
      ),
    },
  ];
  return (
    <section className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <h2 className="text-std-20B-150">{t('factors')}</h2>
        <div className="flex flex-wrap gap-3">
          {own.data && !passkeyBar() && (
            <Button look="outline" size="sm" onClick={() => setOpen({ kind: 'passkey' })}>
              {t('addPasskey')}
            </Button>
          )}
          <Button size="sm" onClick={() => setOpen({ kind: 'enrol' })}>
            {t('addTotp')}
          </Button>
        </div>
      </div>
      <p>{t('factorsLead')}</p>
      {own.data && <PasskeyNote />}
      <ResourceTable
        caption={t('factors')}
        query={own}
        rows={factors}
        rowKey={({ id }) => id}
        columns={columns}
        empty={t('noFactors')}
      />
      {factors.length > 0 && (
        <div className="flex flex-wrap items-center gap-3">
          <p>{t('codesLeft', { count: own.data!.recoveryCodesLeft })}</p>
          <Button look="outline" size="sm" onClick={() => setOpen({ kind: 'renew' })}>
            {t('renewCodes')}
          </Button>
        </div>
      )}
      {open?.kind === 'enrol' && (
        <Dialog title={t('addTotp')} onClose={close}>
          <EnrolTotp plane={plane} onDone={close} onLeave={close} />
        </Dialog>
      )}
      {open?.kind === 'passkey' && (
        <Dialog title={t('addPasskey')} onClose={close}>
          <EnrolPasskey plane={plane} onDone={close} onLeave={close} />
        </Dialog>
      )}
      {open?.kind === 'codes' && (
        <Dialog title={t('renewCodes')} onClose={close}>
          <RecoveryCodes codes={open.codes} onDone={close} />
        </Dialog>
      )}
      {open?.kind === 'renew' && (
        <ConfirmDialog
          title={t('renewCodes')}
          confirmLabel={t('renewConfirm')}
          onConfirm={calls.renewCodes}
          onDone={({ recoveryCodes }) => setOpen({ kind: 'codes', codes: recoveryCodes })}
          onClose={close}
        >
          {t('renewLead')}
        </ConfirmDialog>
      )}
      {open?.kind === 'remove' && (
        <ConfirmDialog
          danger
          title={t('removeTitle')}
          confirmLabel={t('remove')}
          onConfirm={() => calls.remove(open.factor.id)}
          onDone={close}
          onClose={close}
        >
          {t('removeLead')}
        </ConfirmDialog>
      )}
    </section>
  );
}
