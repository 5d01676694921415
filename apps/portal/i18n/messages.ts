import en from '../messages/en.json' with { type: 'json' };
import ja from '../messages/ja.json' with { type: 'json' };

export type Locale = 'ja' | 'en';

/** The Japanese file is the original; a translation that lacks a key of it, or has one more, does not compile. */
export type Messages = typeof ja;
type Exactly<Original, Translation extends Original> = Original extends Translation ? Translation : never;

const english: Exactly<Messages, typeof en> = en;
const MESSAGES: Record<Locale, Messages> = { ja, en: english };

/** The cookie that keeps the reader's choice of language. It is no secret and names nobody. */
export const LOCALE_COOKIE = 'moyai_locale';

export const toLocale = (value: string | undefined): Locale => (value === 'en' ? 'en' : 'ja');
export const messagesOf = (locale: Locale): Messages => MESSAGES[locale];
