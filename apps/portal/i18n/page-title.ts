import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { type Messages, LOCALE_COOKIE, messagesOf, toLocale } from './messages.ts';

/** A page's title in the reader's language: `export const generateMetadata = titled('members');` */
export const titled = (page: keyof Messages['pages']) => async (): Promise<Metadata> => {
  const locale = toLocale((await cookies()).get(LOCALE_COOKIE)?.value);
  return { title: messagesOf(locale).pages[page] };
};
