import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { Providers } from '../features/session/providers.tsx';
import { LOCALE_COOKIE, messagesOf, toLocale } from '../i18n/messages.ts';
import './globals.css';

export const metadata: Metadata = { title: { default: 'もやい', template: '%s | もやい' }, robots: 'noindex' };

/** Reading the cookie makes every page dynamic, which the per-request nonce of the content security policy needs. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const locale = toLocale((await cookies()).get(LOCALE_COOKIE)?.value);
  return (
    <html lang={locale}>
      <body>
        <Providers locale={locale} messages={messagesOf(locale)}>
          {children}
        </Providers>
      </body>
    </html>
  );
}
