'use client';

import { useQuery } from '@tanstack/react-query';
import { unwrap } from '#libs/api-client';
import { api } from '../session/api.ts';

export const OWN_MAIL_KEY = ['own-mail'] as const;

/** What the signed-in member is told by mail, and whether anything is mailed at all. */
export const useOwnMail = () =>
  useQuery({ queryKey: OWN_MAIL_KEY, queryFn: ({ signal }) => unwrap(api.GET('/api/v1/me/mail', { signal })) });
