import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { Providers } from '../features/session/providers.tsx';
import { LOCALE_COOKIE, messagesOf, toLocale } from '../i18n/messages.ts';
import './globals.css';

const readLocale = async () => toLocale((await cookies()).get(LOCALE_COOKIE)?.value);

export async function generateMetadata(): Promise<Metadata> {
  const { product } = messagesOf(await readLocale()).shell;
  return { title: { default: product, template: `%s | ${product}` }, robots: 'noindex' };
}

/** Reading the cookie makes every page dynamic, which the per-request nonce of the content security policy needs. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const locale = await readLocale();
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
