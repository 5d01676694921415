'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type Member, type Role, type Segment, unwrap } from '#libs/api-client';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { FormDialog, type FormField } from '../../components/form-dialog.tsx';
import { useDepartmentChoices } from '../departments/use-departments.ts';
import { api } from '../session/api.ts';

export const MEMBERS_KEY = ['members'] as const;

const ROLES: readonly Role[] = ['staff', 'manager', 'admin', 'auditor'];
const SEGMENTS: readonly Segment[] = ['lgwan', 'my_number'];
const STATUSES: readonly Member['status'][] = ['active', 'disabled'];

export interface IssuedPassword {
  name: string;
  loginId: string;
  initialPassword: string;
}

interface MemberDialogProps {
  /** Null to add one. */
  member: Member | null;
  onIssued: (issued: IssuedPassword) => void;
  onClose: () => void;
}

type Values = Record<'loginId' | 'displayName' | 'role' | 'segment' | 'departmentId' | 'status', string>;

export function MemberDialog({ member, onIssued, onClose }: MemberDialogProps) {
  const t = useTranslations('members');
  const common = useTranslations('common');
  const client = useQueryClient();
  const fields = useMemberFields(member);

  const save = async (values: Values): Promise<IssuedPassword | null> => {
    const { loginId, displayName } = values;
    const body = { displayName, role: values.role as Role, departmentId: values.departmentId || null };
    if (member) {
      const params = { path: { id: member.id } };
      const status = values.status as Member['status'];
      await unwrap(api.PATCH('/api/v1/members/{id}', { params, body: { ...body, status } }));
      await client.invalidateQueries({ queryKey: MEMBERS_KEY });
      return null;
    }
    const segment = values.segment as Segment;
    const { initialPassword } = await unwrap(api.POST('/api/v1/members', { body: { ...body, loginId, segment } }));
    void client.invalidateQueries({ queryKey: MEMBERS_KEY });
    return { name: displayName, loginId, initialPassword };
  };

  return (
    <FormDialog
      title={member ? t('edit') : t('add')}
      submitLabel={member ? common('save') : common('add')}
      fields={fields}
      onSubmit={save}
      onDone={(issued) => (issued ? onIssued(issued) : onClose())}
      onClose={onClose}
    />
  );
}

function useMemberFields(member: Member | null): FormField<keyof Values>[] {
  const t = useTranslations();
  const departments = useDepartmentChoices();
  const choicesOf = <Value extends string>(values: readonly Value[], label: (value: Value) => string) =>
    values.map((value) => ({ value, label: label(value) }));
  const always: FormField<keyof Values>[] = [
    { name: 'displayName', label: t('members.displayName'), required: true, initial: member?.displayName },
    {
      name: 'role',
      label: t('members.role'),
      required: true,
      choices: choicesOf(ROLES, (role) => t(`roles.${role}`)),
      initial: member?.role ?? 'staff',
    },
    {
      name: 'departmentId',
      label: t('members.department'),
      choices: departments,
      placeholder: t('members.noDepartment'),
      initial: member?.department?.id ?? '',
    },
  ];
  if (member) {
    const choices = choicesOf(STATUSES, (status) => t(`members.statuses.${status}`));
    return [...always, { name: 'status', label: t('members.status'), required: true, choices, initial: member.status }];
  }
  return [
    { name: 'loginId', label: t('members.loginId'), hint: t('members.loginIdHint'), required: true },
    ...always,
    {
      name: 'segment',
      label: t('members.segment'),
      hint: t('members.segmentHint'),
      required: true,
      choices: choicesOf(SEGMENTS, (segment) => t(`segments.${segment}`)),
      initial: 'lgwan',
    },
  ];
}

interface PasswordResetDialogProps {
  member: Member;
  onIssued: (issued: IssuedPassword) => void;
  onClose: () => void;
}

export function PasswordResetDialog({ member, onIssued, onClose }: PasswordResetDialogProps) {
  const t = useTranslations('members');
  const { id, displayName, loginId } = member;
  const reset = async (): Promise<IssuedPassword> => {
    const params = { path: { id } };
    const { initialPassword } = await unwrap(api.POST('/api/v1/members/{id}/password-resets', { params }));
    return { name: displayName, loginId, initialPassword };
  };
  return (
    <ConfirmDialog
      title={t('reset')}
      confirmLabel={t('resetConfirm')}
      onConfirm={reset}
      onDone={onIssued}
      onClose={onClose}
    >
      {t('resetLead', { name: displayName })}
    </ConfirmDialog>
  );
}
