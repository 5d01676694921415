'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Audience, type Template, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { TextField } from '../../components/field.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { type RowAct, RowMenu } from '../../components/row-menu.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import { TemplateDialog, type Writing, mayPublish } from './template-dialog.tsx';
import { TEMPLATES_KEY, useTemplates } from './use-templates.ts';

const AUDIENCES: readonly Audience[] = ['own', 'department', 'city'];

/** テンプレート: what may be used, by whom it is for; made, changed, published and deleted here. */
export function TemplatesPage() {
  const t = useTranslations('templates');
  const [writing, setWriting] = useState<Writing | null>(null);
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={<Button onClick={() => setWriting({ as: 'new' })}>{t('writing.new')}</Button>}
      />
      <Tabs
        label={t('title')}
        tabs={AUDIENCES.map((audience) => ({
          key: audience,
          label: t(`audiences.${audience}`),
          content: <TemplateList key={audience} audience={audience} onWrite={setWriting} />,
        }))}
      />
      {writing && <TemplateDialog writing={writing} onClose={() => setWriting(null)} />}
    </>
  );
}

function TemplateList({ audience, onWrite }: { audience: Audience; onWrite: (writing: Writing) => void }) {
  const t = useTranslations('templates');
  const common = useTranslations('common');
  const [search, setSearch] = useState('');
  const query = useDeferredValue(search.trim());
  const templates = useTemplates({ audience, search: query });
  const [doomed, setDoomed] = useState<Template | null>(null);
  const publishes = mayPublish(useSignedIn());
  const columns = useTemplateColumns(audience);

  const actsOn = ({ id, title, canChange, ...template }: Template): RowAct[] => {
    const write = (as: 'edit' | 'publish' | 'copy', label: string): RowAct => ({
      key: as,
      label,
      name: t(`${as}Of`, { title }),
      onChoose: () => onWrite({ as, id }),
    });
    const remove = () => setDoomed({ id, title, canChange, ...template });
    return [
      ...(canChange ? [write('edit', common('edit'))] : []),
      ...(audience === 'own' ? [] : [write('copy', t('copy'))]),
      ...(audience === 'own' && publishes ? [write('publish', t('publish'))] : []),
      ...(canChange ? [{ key: 'delete', label: t('delete'), name: t('deleteOf', { title }), onChoose: remove }] : []),
    ];
  };
  const actions: Column<Template> = {
    key: 'actions',
    header: common('actions'),
    isActions: true,
    cell: (row) => <RowMenu of={row.title} acts={actsOn(row)} />,
  };
  return (
    <>
      <search className="max-w-md">
        <TextField
          label={t('search')}
          type="search"
          value={search}
          maxLength={100}
          onChange={(event) => setSearch(event.target.value)}
        />
      </search>
      <ResourceTable
        caption={t(`audiences.${audience}`)}
        query={templates}
        rows={templates.rows}
        rowKey={({ id }) => id}
        columns={[...columns, actions]}
        empty={query ? t('noMatch') : t(`empty.${audience}`)}
      />
      {doomed && <DeleteDialog template={doomed} onClose={() => setDoomed(null)} />}
    </>
  );
}

function DeleteDialog({ template: { id, title, audience }, onClose }: { template: Template; onClose: () => void }) {
  const t = useTranslations('templates');
  const client = useQueryClient();
  const remove = async () => {
    await unwrap(api.DELETE('/api/v1/templates/{id}', { params: { path: { id } } }));
    await client.invalidateQueries({ queryKey: TEMPLATES_KEY });
  };
  return (
    <ConfirmDialog
      title={t('deleteTitle')}
      confirmLabel={t('deleteConfirm')}
      danger
      onConfirm={remove}
      onClose={onClose}
    >
      {t(audience === 'own' ? 'deleteLead' : 'deletePublishedLead', { title })}
    </ConfirmDialog>
  );
}

function useTemplateColumns(audience: Audience): Column<Template>[] {
  const t = useTranslations('templates');
  const { time } = useFormats();
  const department: Column<Template> = {
    key: 'department',
    header: t('department'),
    cell: ({ departmentName }) => departmentName ?? '—',
  };
  return [
    {
      key: 'title',
      header: t('name'),
      isHeader: true,
      isProse: true,
      cell: ({ title, handedOverFrom }) => (
        <span className="flex flex-col gap-1">
          {title}
          {handedOverFrom && (
            <span className="text-dns-14N-130 text-solid-gray-700">
              {t('handedOverFrom', { name: handedOverFrom })}
            </span>
          )}
        </span>
      ),
    },
    ...(audience === 'department' ? [department] : []),
    { key: 'note', header: t('note'), isProse: true, cell: ({ note }) => note ?? '—' },
    { key: 'updatedAt', header: t('updatedAt'), cell: ({ updatedAt }) => time(updatedAt) },
  ];
}
