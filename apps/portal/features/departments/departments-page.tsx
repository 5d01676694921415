'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { Named } from '../../components/named.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import { BudgetItemDialog, useBudgetItems } from './budget-item-dialog.tsx';
import type { DepartmentNode } from './department-tree.ts';
import { DEPARTMENTS_KEY, useDepartmentChoices, useDepartments } from './use-departments.ts';

export function DepartmentsPage() {
  const t = useTranslations('departments');
  const common = useTranslations('common');
  const departments = useDepartments();
  const me = useSignedIn();
  const mayWrite = can(me, 'department:write');
  const items = useBudgetItems();
  const [paying, setPaying] = useState<DepartmentNode | null>(null);
  const [edited, setEdited] = useState<DepartmentNode | 'new' | null>(null);

  const columns: Column<DepartmentNode>[] = [
    {
      key: 'name',
      header: t('name'),
      isHeader: true,
      isProse: true,
      cell: ({ name, depth }) => (
        <span className="block" style={{ paddingInlineStart: `${depth * 1.5}rem` }}>
          {name}
        </span>
      ),
    },
    { key: 'code', header: t('code'), cell: ({ code }) => code },
    {
      key: 'budgetItem',
      header: t('budgetItem'),
      isProse: true,
      cell: ({ id }) => {
        const item = items.get(id);
        return item ? <Named {...item} /> : '—';
      },
    },
  ];
  const actions: Column<DepartmentNode> = {
    key: 'actions',
    header: common('actions'),
    isActions: true,
    cell: (department) => (
      <span className="flex gap-2">
        <Button
          look="outline"
          size="sm"
          aria-label={common('editOf', { name: department.name })}
          onClick={() => setEdited(department)}
        >
          {common('edit')}
        </Button>
        {can(me, 'budget-item:write') && (
          <Button
            look="outline"
            size="sm"
            aria-label={t('budgetItemOf', { name: department.name })}
            onClick={() => setPaying(department)}
          >
            {t('budgetItem')}
          </Button>
        )}
      </span>
    ),
  };

  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={mayWrite && <Button onClick={() => setEdited('new')}>{t('add')}</Button>}
      />
      <ResourceTable
        caption={t('title')}
        query={departments}
        rows={departments.data ?? []}
        rowKey={({ id }) => id}
        columns={mayWrite ? [...columns, actions] : columns}
        empty={t('empty')}
      />
      {edited && <DepartmentDialog department={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
      {paying && <BudgetItemDialog department={paying} item={items.get(paying.id)} onClose={() => setPaying(null)} />}
    </>
  );
}

function DepartmentDialog({ department, onClose }: { department: DepartmentNode | null; onClose: () => void }) {
  const t = useTranslations('departments');
  const common = useTranslations('common');
  const client = useQueryClient();
  const parent = useDepartments().data?.find(({ id }) => id === department?.parentId);
  const choices = useDepartmentChoices().filter(({ value }) => value !== department?.id);

  const save = async ({ code, name, parentId }: Record<'code' | 'name' | 'parentId', string>) => {
    const body = { name, parentId: parentId || null };
    await unwrap<unknown>(
      department
        ? api.PATCH('/api/v1/departments/{id}', { params: { path: { id: department.id } }, body })
        : api.POST('/api/v1/departments', { body: { code, ...body } }),
    );
    await client.invalidateQueries({ queryKey: DEPARTMENTS_KEY });
  };

  return (
    <FormDialog
      title={department ? t('edit') : t('add')}
      submitLabel={department ? common('save') : common('add')}
      onSubmit={save}
      onClose={onClose}
      fields={[
        ...(department ? [] : [{ name: 'code' as const, label: t('code'), hint: t('codeHint'), required: true }]),
        { name: 'name', label: t('name'), required: true, initial: department?.name },
        {
          name: 'parentId',
          label: t('parent'),
          choices,
          placeholder: t('noParent'),
          initial: department?.parentId ?? '',
          initialLabel: parent?.path,
        },
      ]}
    />
  );
}
