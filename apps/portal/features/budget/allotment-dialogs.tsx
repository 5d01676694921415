'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type Allotment, ApiProblem, unwrap } from '#libs/api-client';
import { FormDialog, type FormField } from '../../components/form-dialog.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';

interface DialogProps {
  month: string;
  onClose: () => void;
}

function useLimitField(initial?: number | null): FormField<'limitTokens'> {
  const t = useTranslations('budget');
  const common = useTranslations('common');
  return {
    name: 'limitTokens',
    label: t('limit'),
    hint: t('ownLimitHint'),
    inputMode: 'numeric',
    initial: initial === null || initial === undefined ? '' : String(initial),
    check: (value) => (/^\d{1,13}$/.test(value) ? undefined : common('wholeNumberFault')),
  };
}

/** Sets, or by an empty field clears, the limit. */
function useSave(month: string) {
  const client = useQueryClient();
  return async (level: 'department' | 'member', id: string, limitTokens: string) => {
    await unwrap(
      api.PUT('/api/v1/budgets/{month}/allotments/{level}/{id}', {
        params: { path: { month, level, id } },
        body: { limitTokens: limitTokens === '' ? null : Number(limitTokens) },
      }),
    );
    await Promise.all(['allotments', 'budget-notices'].map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
}

export function AllotmentDialog({ allotment, month, onClose }: DialogProps & { allotment: Allotment }) {
  const t = useTranslations('budget');
  const common = useTranslations('common');
  const save = useSave(month);
  const { name, level, holderId } = allotment;
  return (
    <FormDialog
      title={t('changeOf', { name })}
      submitLabel={common('save')}
      onSubmit={({ limitTokens }) => save(level, holderId, limitTokens)}
      onClose={onClose}
      fields={[useLimitField(allotment.limitTokens)]}
    />
  );
}

/** A city has too many members for a list to choose from: one is named by login id. */
export function MemberLimitDialog({ month, onClose }: DialogProps) {
  const t = useTranslations('budget');
  const common = useTranslations('common');
  const formats = useFormats();
  const save = useSave(month);
  const find = async (loginId: string): Promise<string> => {
    const { items } = await unwrap(api.GET('/api/v1/members', { params: { query: { query: loginId, limit: 100 } } }));
    const found = items.find((member) => member.loginId === loginId);
    if (found) return found.id;
    const faults = [{ pointer: '/loginId', message: t('memberUnknown') }];
    throw new ApiProblem({ title: t('memberUnknown'), status: 422, code: 'REQUEST.INVALID', faults });
  };
  return (
    <FormDialog
      title={t('addMember')}
      submitLabel={common('save')}
      onSubmit={async ({ loginId, limitTokens }) => save('member', await find(loginId), limitTokens)}
      onClose={onClose}
      fields={[
        { name: 'loginId', label: t('loginId'), hint: t('fromMonth', { month: formats.month(month) }), required: true },
        { ...useLimitField(), required: true },
      ]}
    />
  );
}
