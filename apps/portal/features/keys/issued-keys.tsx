'use client';

import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { FormDialog, type FormField } from '../../components/form-dialog.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { SecretDialog } from '../../components/secret-dialog.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';

/** What every kind of key has. Without `expiresAt` it lives until it is revoked. */
interface IssuedKey {
  id: string;
  name: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

interface IssuedKeysProps<Key extends IssuedKey, Field extends string> {
  /** The kind of key, by the place where its words stand. */
  kind: 'apiKeys' | 'serviceKeys' | 'scimKeys';
  /** Whatever else stands below its first part is read again too when a key comes or goes. */
  queryKey: readonly [string, ...string[]];
  list: (cursor: string | undefined, signal: AbortSignal) => Promise<{ items: Key[]; nextCursor: string | null }>;
  /** Resolves to the secret. */
  issue: (values: Record<Field | 'name', string>) => Promise<string>;
  revoke: (id: string) => Promise<unknown>;
  /** What is asked of a new key besides its name. */
  fields: readonly FormField<Field>[];
  /** What is told of a key besides its name, last use and state. */
  columns: readonly Column<Key>[];
  heading: (openIssue: () => void) => ReactNode;
}

type Open<Key> = { kind: 'issue' } | { kind: 'revoke'; key: Key } | { kind: 'issued'; name: string; secret: string };

/** Keys for other systems, of one kind: listed, issued with the secret shown once, and revoked for good. */
export function IssuedKeys<Key extends IssuedKey, Field extends string>(props: IssuedKeysProps<Key, Field>) {
  const { kind, queryKey, list, issue, revoke, fields, columns, heading } = props;
  const t = useTranslations();
  const client = useQueryClient();
  const keys = usePages(queryKey, list);
  const [open, setOpen] = useState<Open<Key> | null>(null);
  const close = () => setOpen(null);
  const refresh = () => client.invalidateQueries({ queryKey: [queryKey[0]] });
  const asked: FormField<Field | 'name'>[] = [
    { name: 'name', label: t('keys.name'), hint: t(`${kind}.nameHint`), required: true, maxLength: 100 },
    ...fields,
  ];
  return (
    <>
      {heading(() => setOpen({ kind: 'issue' }))}
      <ResourceTable
        caption={t(`${kind}.title`)}
        query={keys}
        rows={keys.rows}
        rowKey={({ id }) => id}
        columns={useKeyColumns(columns, (key) => setOpen({ kind: 'revoke', key }))}
        empty={t(`${kind}.empty`)}
      />
      {open?.kind === 'issue' && (
        <FormDialog
          title={t(`${kind}.issue`)}
          submitLabel={t('keys.issueSubmit')}
          fields={asked}
          onSubmit={async (values) => {
            const secret = await issue(values);
            void refresh();
            return { name: values.name, secret };
          }}
          onDone={(issued) => setOpen({ kind: 'issued', ...issued })}
          onClose={close}
        />
      )}
      {open?.kind === 'revoke' && (
        <ConfirmDialog
          title={t(`${kind}.revoke`)}
          confirmLabel={t('keys.revokeConfirm')}
          danger
          onConfirm={async () => {
            await revoke(open.key.id);
            await refresh();
          }}
          onClose={close}
        >
          {t(`${kind}.revokeLead`, { name: open.key.name })}
        </ConfirmDialog>
      )}
      {open?.kind === 'issued' && (
        <SecretDialog
          title={t(`${kind}.issuedTitle`)}
          subject={t(`${kind}.issuedFor`, { name: open.name })}
          secret={open.secret}
          onClose={close}
        />
      )}
    </>
  );
}

const stateOf = ({ revokedAt, expiresAt }: IssuedKey) =>
  revokedAt ? 'revoked' : expiresAt && Date.parse(expiresAt) <= Date.now() ? 'expired' : 'active';

function useKeyColumns<Key extends IssuedKey>(own: readonly Column<Key>[], revoke: (key: Key) => void): Column<Key>[] {
  const t = useTranslations('keys');
  const common = useTranslations('common');
  const { time } = useFormats();
  return [
    { key: 'name', header: t('name'), isHeader: true, isProse: true, cell: ({ name }) => name },
    ...own,
    { key: 'lastUsedAt', header: t('lastUsedAt'), cell: ({ lastUsedAt }) => time(lastUsedAt) },
    {
      key: 'state',
      header: t('state'),
      cell: (key) => <Badge tone={stateOf(key) === 'active' ? 'green' : 'neutral'}>{t(stateOf(key))}</Badge>,
    },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: (key) =>
        stateOf(key) === 'active' ? (
          <Button look="outline" size="sm" aria-label={t('revokeOf', { name: key.name })} onClick={() => revoke(key)}>
            {t('revokeShort')}
          </Button>
        ) : (
          '—'
        ),
    },
  ];
}
