'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type IssuedInvitation, type Member, type Role, type Segment, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { FormDialog, type FormField } from '../../components/form-dialog.tsx';
import { SecretDialog } from '../../components/secret-dialog.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { useDepartmentChoices } from '../departments/use-departments.ts';
import { useOwnMail } from '../security/use-own-mail.ts';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';

export const MEMBERS_KEY = ['members'] as const;

const ROLES: readonly Role[] = ['staff', 'manager', 'admin', 'auditor'];
const SEGMENTS: readonly Segment[] = ['lgwan', 'my_number'];
const CREDENTIALS = ['invitation', 'mail', 'password'] as const;
type Credential = (typeof CREDENTIALS)[number];
/** By mail only where mails are sent. */
function useCredentials(): readonly Credential[] {
  const isOn = useOwnMail().data?.isOn === true;
  return CREDENTIALS.filter((credential) => credential !== 'mail' || isOn);
}

const STATUSES: readonly Member['status'][] = ['active', 'disabled'];

/** What lets a member in and is shown this once: a password or an invitation. */
export interface IssuedCredential {
  name: string;
  loginId: string;
  segment: Segment;
  initialPassword: string | null;
  invitation: IssuedInvitation | null;
}

interface MemberDialogProps {
  /** Null to add one. */
  member: Member | null;
  onIssued: (issued: IssuedCredential) => void;
  onClose: () => void;
}

type Values = Record<
  'loginId' | 'displayName' | 'role' | 'segment' | 'departmentId' | 'mailAddress' | 'credential' | 'status' | 'lastDay',
  string
>;

export function MemberDialog({ member, onIssued, onClose }: MemberDialogProps) {
  const t = useTranslations('members');
  const common = useTranslations('common');
  const client = useQueryClient();
  const fields = useMemberFields(member);

  const save = async (values: Values): Promise<IssuedCredential | null> => {
    const { loginId, displayName } = values;
    const body = {
      displayName,
      role: values.role as Role,
      departmentId: values.departmentId || null,
      mailAddress: values.mailAddress || null,
    };
    if (member) {
      const params = { path: { id: member.id } };
      const status = values.status as Member['status'];
      const lastDay = values.lastDay || null;
      await unwrap(api.PATCH('/api/v1/members/{id}', { params, body: { ...body, status, lastDay } }));
      await client.invalidateQueries({ queryKey: MEMBERS_KEY });
      return null;
    }
    const segment = values.segment as Segment;
    const credential = values.credential as Credential;
    const made = await unwrap(api.POST('/api/v1/members', { body: { ...body, loginId, segment, credential } }));
    void client.invalidateQueries({ queryKey: MEMBERS_KEY });
    return { name: displayName, loginId, segment, ...made };
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
  const credentials = useCredentials();
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
      initialLabel: member?.department?.name,
    },
    { name: 'mailAddress', label: t('members.mailAddress'), initial: member?.mailAddress ?? '', maxLength: 254 },
  ];
  if (member) {
    const choices = choicesOf(STATUSES, (status) => t(`members.statuses.${status}`));
    return [
      ...always,
      { name: 'status', label: t('members.status'), required: true, choices, initial: member.status },
      {
        name: 'lastDay',
        label: t('members.lastDay'),
        hint: t('members.lastDayHint'),
        isDay: true,
        initial: member.lastDay ?? '',
      },
    ];
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
    {
      name: 'credential',
      label: t('members.credential'),
      hint: t('members.credentialHint'),
      required: true,
      choices: choicesOf(credentials, (credential) => t(`members.credentials.${credential}`)),
      initial: 'invitation',
    },
  ];
}

interface ReissueDialogProps {
  member: Member;
  onIssued: (issued: IssuedCredential) => void;
  onClose: () => void;
}

/** For a member who lost the password, or whose invitation ran out. */
export function ReissueDialog({ member, onIssued, onClose }: ReissueDialogProps) {
  const t = useTranslations('members');
  const client = useQueryClient();
  const credentials = useCredentials();
  const { id, displayName: name, loginId, segment } = member;
  const issue = async ({ credential }: Record<'credential', string>): Promise<IssuedCredential> => {
    const params = { path: { id } };
    const person = { name, loginId, segment };
    if (credential !== 'password') {
      const query = { by: credential === 'mail' ? ('mail' as const) : ('link' as const) };
      const invitation = await unwrap(api.POST('/api/v1/members/{id}/invitations', { params: { ...params, query } }));
      void client.invalidateQueries({ queryKey: MEMBERS_KEY });
      return { ...person, invitation, initialPassword: null };
    }
    const { initialPassword } = await unwrap(api.POST('/api/v1/members/{id}/password-resets', { params }));
    return { ...person, initialPassword, invitation: null };
  };
  return (
    <FormDialog
      title={t('resetOf', { name })}
      lead={t('resetLead', { name })}
      submitLabel={t('resetConfirm')}
      fields={[
        {
          name: 'credential',
          label: t('credential'),
          required: true,
          choices: credentials.map((value) => ({ value, label: t(`credentials.${value}`) })),
          initial: 'invitation',
        },
      ]}
      onSubmit={issue}
      onDone={onIssued}
      onClose={onClose}
    />
  );
}

/** For a member who lost the phone. */
export function FactorResetDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const t = useTranslations('members');
  const { id, displayName: name } = member;
  return (
    <ConfirmDialog
      danger
      title={t('factorReset')}
      confirmLabel={t('factorResetConfirm')}
      onConfirm={() => unwrap(api.DELETE('/api/v1/members/{id}/second-factors', { params: { path: { id } } }))}
      onClose={onClose}
    >
      {t('factorResetLead', { name })}
    </ConfirmDialog>
  );
}

/** The one time a password or an invitation is seen. */
export function IssuedDialog({ issued, onClose }: { issued: IssuedCredential; onClose: () => void }) {
  const t = useTranslations();
  const formats = useFormats();
  const { segment: here } = useSignedIn();
  const { name, loginId, segment, initialPassword, invitation } = issued;
  if (!invitation)
    return (
      <SecretDialog
        title={t('members.passwordTitle')}
        subject={t('members.passwordFor', { name, loginId })}
        secret={initialPassword ?? ''}
        onClose={onClose}
      />
    );
  if (invitation.token === null)
    return (
      <Dialog title={t('members.mailedTitle')} onClose={onClose}>
        <p>{t('members.mailedTo', { name, time: formats.time(invitation.expiresAt) })}</p>
        <Button className="self-end" onClick={onClose}>
          {t('common.close')}
        </Button>
      </Dialog>
    );
  // The address of the other network is that network's to know
  const isElsewhere = segment !== here;
  const link = `${isElsewhere ? '' : window.location.origin}/invitation#${invitation.token}`;
  const subject = t('members.invitationFor', { name, loginId, time: formats.time(invitation.expiresAt) });
  const elsewhere = t('members.otherNetwork', { segment: t(`segments.${segment}`) });
  return (
    <SecretDialog
      title={t('members.invitationTitle')}
      subject={isElsewhere ? `${subject} ${elsewhere}` : subject}
      secret={link}
      onClose={onClose}
    />
  );
}
