'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { type FormEvent, useState, useSyncExternalStore } from 'react';
import { useTranslations } from 'use-intl';
import { ApiProblem, type InvitationView, unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { Button, buttonClass } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { EntryFrame } from '../session/entry-frame.tsx';
import { MIN_PASSWORD_LENGTH } from '../session/password-change.tsx';

const subscribe = (changed: () => void) => {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
};
/** What follows the # stays in the browser; null while the server renders. */
const useFragment = () =>
  useSyncExternalStore(
    subscribe,
    () => window.location.hash.slice(1),
    () => null,
  );

/** Where an invitation's link leads: whom it is for, and the password they want to use. */
export function InvitationPage() {
  const t = useTranslations('invitation');
  const token = useFragment();
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) => unwrap(api.POST('/api/v1/invitation-lookups', { body: { token: token! }, signal })),
    enabled: Boolean(token),
    // Once opened it is for this person; after it is used it would be refused
    staleTime: Infinity,
  });
  const [isDone, setDone] = useState(false);
  return (
    <EntryFrame title={t('title')}>
      {token === '' && (
        <Banner tone="warning" title={t('noToken')}>
          <p>{t('noTokenLead')}</p>
        </Banner>
      )}
      {invitation.error && <Refused error={invitation.error} />}
      {invitation.isPending && token !== '' && <Skeleton rows={4} />}
      {token &&
        invitation.data &&
        (isDone ? (
          <Done invitation={invitation.data} />
        ) : (
          <PasswordForm token={token} invitation={invitation.data} onDone={() => setDone(true)} />
        ))}
    </EntryFrame>
  );
}

function Refused({ error }: { error: Error }) {
  const t = useTranslations('invitation');
  const isUsed = error instanceof ApiProblem && error.problem.code === 'IDENTITY.INVITATION_USED';
  return (
    <>
      <ProblemNotice error={error} />
      {isUsed && (
        <Link href="/sign-in" className={`${buttonClass('outline')} self-start`}>
          {t('toSignIn')}
        </Link>
      )}
    </>
  );
}

function Done({ invitation }: { invitation: InvitationView }) {
  const t = useTranslations('invitation');
  const { city, loginId } = invitation;
  return (
    <>
      <Banner tone="success" role="status" title={t('done')}>
        <p>{t('doneLead', { cityCode: city.code, loginId })}</p>
      </Banner>
      <Link href="/sign-in" className={`${buttonClass('solid')} self-start`}>
        {t('toSignIn')}
      </Link>
    </>
  );
}

interface PasswordFormProps {
  token: string;
  invitation: InvitationView;
  onDone: () => void;
}

function PasswordForm({ token, invitation, onDone }: PasswordFormProps) {
  const t = useTranslations();
  const formats = useFormats();
  const [faults, setFaults] = useState<{ newPassword?: string; again?: string }>({});
  const accept = useMutation({
    mutationFn: (newPassword: string) =>
      unwrap(api.POST('/api/v1/invitation-acceptances', { body: { token, newPassword } })),
    onSuccess: onDone,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const [newPassword, again] = [String(data.get('newPassword')), String(data.get('again'))];
    const found = {
      ...(newPassword.length < MIN_PASSWORD_LENGTH && { newPassword: t('password.lengthFault') }),
      ...(newPassword !== again && { again: t('password.mismatch') }),
    };
    setFaults(found);
    const [first] = Object.keys(found);
    if (first) event.currentTarget.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
    else accept.mutate(newPassword);
  };
  const { city, displayName: name, loginId, expiresAt } = invitation;
  return (
    <>
      <div className="flex flex-col gap-1">
        <p>{t('invitation.lead', { city: city.name, name })}</p>
        <p className="text-solid-gray-700">{t('invitation.until', { time: formats.time(expiresAt) })}</p>
      </div>
      {accept.error && <ProblemNotice error={accept.error} />}
      <form noValidate onSubmit={submit} className="flex flex-col gap-5">
        <TextField label={t('signIn.loginId')} value={loginId} readOnly autoComplete="username" />
        <TextField
          name="newPassword"
          label={t('password.new')}
          hint={t('password.newHint')}
          error={faults.newPassword}
          required
          type="password"
          autoComplete="new-password"
        />
        <TextField
          name="again"
          label={t('password.again')}
          error={faults.again}
          required
          type="password"
          autoComplete="new-password"
        />
        <Button type="submit" inactive={accept.isPending}>
          {accept.isPending ? t('common.sending') : t('invitation.submit')}
        </Button>
      </form>
    </>
  );
}
