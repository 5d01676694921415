'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiProblem, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { api } from './api.ts';

/** The API decides which passwords it takes; this only saves a round trip for one that is plainly too short. */
export const MIN_PASSWORD_LENGTH = 15;

/** Lets a member leave behind the initial password an administrator has seen. */
export function PasswordChange({ look = 'text' }: { look?: 'text' | 'outline' }) {
  const t = useTranslations('password');
  const common = useTranslations('common');
  const [isOpen, setOpen] = useState(false);
  const [isChanged, setChanged] = useState(false);
  const save = ({ currentPassword, newPassword }: Record<'currentPassword' | 'newPassword' | 'again', string>) =>
    unwrap(api.PUT('/api/v1/me/password', { body: { currentPassword, newPassword } })).catch((error: unknown) => {
      if (!(error instanceof ApiProblem) || error.problem.code !== 'IDENTITY.SIGN_IN_FAILED') throw error;
      // The API's words for it are about signing in; here one field is wrong
      const faults = [{ pointer: '/currentPassword', message: t('wrong') }];
      throw new ApiProblem({ ...error.problem, code: 'IDENTITY.PASSWORD_REFUSED', faults }, { cause: error });
    });
  return (
    <>
      <Button look={look} size="sm" onClick={() => setOpen(true)}>
        {t('change')}
      </Button>
      <p role="status" className="empty:hidden">
        {isChanged && !isOpen && t('changed')}
      </p>
      {isOpen && (
        <FormDialog
          title={t('change')}
          submitLabel={common('save')}
          onSubmit={save}
          onDone={() => {
            setChanged(true);
            setOpen(false);
          }}
          onClose={() => setOpen(false)}
          fields={[
            { name: 'currentPassword', label: t('current'), required: true, password: 'current-password' },
            {
              name: 'newPassword',
              label: t('new'),
              hint: t('newHint'),
              required: true,
              password: 'new-password',
              check: (value) => (value.length < MIN_PASSWORD_LENGTH ? t('lengthFault') : undefined),
            },
            {
              name: 'again',
              label: t('again'),
              required: true,
              password: 'new-password',
              check: (value, { newPassword }) => (value === newPassword ? undefined : t('mismatch')),
            },
          ]}
        />
      )}
    </>
  );
}
