'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Purpose, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { api } from '../session/api.ts';

const PURPOSES_KEY = ['purposes'] as const;

const changePurpose = (id: string, body: { name?: string; legalBasis?: string; enabled?: boolean }) =>
  unwrap(api.PATCH('/api/v1/purposes/{id}', { params: { path: { id } }, body }));

export function PurposesPage() {
  const t = useTranslations('purposes');
  const client = useQueryClient();
  const [edited, setEdited] = useState<Purpose | 'new' | null>(null);
  const [stopped, setStopped] = useState<Purpose | null>(null);
  const purposes = useQuery({
    queryKey: PURPOSES_KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/purposes', { signal })),
  });
  const refresh = () => client.invalidateQueries({ queryKey: PURPOSES_KEY });
  const enable = useMutation({
    mutationFn: ({ id }: Purpose) => changePurpose(id, { enabled: true }),
    onSuccess: refresh,
  });
  const toggle = (purpose: Purpose) => (purpose.enabled ? setStopped(purpose) : enable.mutate(purpose));

  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={<Button onClick={() => setEdited('new')}>{t('add')}</Button>}
      />
      {enable.error && <ProblemNotice error={enable.error} />}
      <ResourceTable
        caption={t('title')}
        query={purposes}
        rows={purposes.data?.items ?? []}
        rowKey={({ id }) => id}
        columns={usePurposeColumns(setEdited, toggle)}
        empty={t('empty')}
      />
      {edited && (
        <PurposeDialog purpose={edited === 'new' ? null : edited} onSaved={refresh} onClose={() => setEdited(null)} />
      )}
      {stopped && (
        <ConfirmDialog
          title={t('disableOf', { name: stopped.name })}
          confirmLabel={t('disableConfirm')}
          danger
          onConfirm={async () => {
            await changePurpose(stopped.id, { enabled: false });
            await refresh();
          }}
          onClose={() => setStopped(null)}
        >
          {t('disableLead')}
        </ConfirmDialog>
      )}
    </>
  );
}

function usePurposeColumns(edit: (purpose: Purpose) => void, toggle: (purpose: Purpose) => void): Column<Purpose>[] {
  const t = useTranslations('purposes');
  const common = useTranslations('common');
  return [
    { key: 'name', header: t('name'), isHeader: true, isProse: true, cell: ({ name }) => name },
    { key: 'code', header: t('code'), cell: ({ code }) => code },
    { key: 'legalBasis', header: t('legalBasis'), isProse: true, cell: ({ legalBasis }) => legalBasis || '—' },
    {
      key: 'enabled',
      header: t('state'),
      cell: ({ enabled }) => <Badge tone={enabled ? 'green' : 'neutral'}>{t(enabled ? 'enabled' : 'disabled')}</Badge>,
    },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: (purpose) => (
        <div className="flex gap-2">
          <Button
            look="outline"
            size="sm"
            aria-label={common('editOf', { name: purpose.name })}
            onClick={() => edit(purpose)}
          >
            {common('edit')}
          </Button>
          <Button
            look="outline"
            size="sm"
            aria-label={t(purpose.enabled ? 'disableOf' : 'enableOf', { name: purpose.name })}
            onClick={() => toggle(purpose)}
          >
            {t(purpose.enabled ? 'disable' : 'enable')}
          </Button>
        </div>
      ),
    },
  ];
}

interface PurposeDialogProps {
  purpose: Purpose | null;
  onSaved: () => Promise<void>;
  onClose: () => void;
}

function PurposeDialog({ purpose, onSaved, onClose }: PurposeDialogProps) {
  const t = useTranslations('purposes');
  const common = useTranslations('common');
  const save = async ({ code, name, legalBasis }: Record<'code' | 'name' | 'legalBasis', string>) => {
    if (purpose) await changePurpose(purpose.id, { name, legalBasis });
    else {
      await unwrap(api.POST('/api/v1/purposes', { body: { code, name, ...(legalBasis && { legalBasis }) } }));
    }
    await onSaved();
  };
  return (
    <FormDialog
      title={purpose ? t('edit') : t('add')}
      submitLabel={purpose ? common('save') : common('add')}
      onSubmit={save}
      onClose={onClose}
      fields={[
        ...(purpose ? [] : [{ name: 'code' as const, label: t('code'), hint: t('codeHint'), required: true }]),
        { name: 'name', label: t('name'), required: true, initial: purpose?.name },
        {
          name: 'legalBasis',
          label: t('legalBasis'),
          hint: t('legalBasisHint'),
          initial: purpose?.legalBasis ?? '',
        },
      ]}
    />
  );
}
