'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type BudgetItem, unwrap } from '#libs/api-client';
import { FormDialog } from '../../components/form-dialog.tsx';
import { api } from '../session/api.ts';

const BUDGET_ITEMS_KEY = ['budget-items'] as const;

/** 予算科目 by department. */
export const useBudgetItems = (): ReadonlyMap<string, BudgetItem> =>
  new Map(
    useQuery({
      queryKey: BUDGET_ITEMS_KEY,
      queryFn: ({ signal }) => unwrap(api.GET('/api/v1/budget-items', { signal })),
    }).data?.items.map((item) => [item.departmentId, item]),
  );

interface BudgetItemDialogProps {
  department: { readonly id: string; readonly name: string };
  item: BudgetItem | undefined;
  onClose: () => void;
}

/** Both fields empty take the 予算科目 away. */
export function BudgetItemDialog({ department, item, onClose }: BudgetItemDialogProps) {
  const t = useTranslations('departments');
  const common = useTranslations('common');
  const client = useQueryClient();
  const params = { path: { id: department.id } };
  const save = async (body: Record<'code' | 'name', string>) => {
    if (body.code || body.name || !item) await unwrap(api.PUT('/api/v1/budget-items/{id}', { params, body }));
    else await unwrap(api.DELETE('/api/v1/budget-items/{id}', { params }));
    await client.invalidateQueries({ queryKey: BUDGET_ITEMS_KEY });
  };
  return (
    <FormDialog
      title={t('budgetItemOf', { name: department.name })}
      submitLabel={common('save')}
      onSubmit={save}
      onClose={onClose}
      fields={[
        {
          name: 'code',
          label: t('budgetItemCode'),
          hint: t('budgetItemHint'),
          maxLength: 32,
          initial: item?.code,
        },
        { name: 'name', label: t('budgetItemName'), maxLength: 100, initial: item?.name },
      ]}
    />
  );
}
