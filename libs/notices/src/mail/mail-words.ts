const TIME = new Intl.DateTimeFormat('ja-JP', { timeZone: 'Asia/Tokyo', dateStyle: 'long', timeStyle: 'short' });
const DAY = new Intl.DateTimeFormat('ja-JP', { timeZone: 'Asia/Tokyo', dateStyle: 'long' });

/** As in 「2026年6月10日 10:00」, Japanese time. */
export const mailTime = (at: Date): string => TIME.format(at);

/** As in 「2026年6月10日」. @param day `YYYY-MM-DD` */
export const mailDay = (day: string): string => DAY.format(new Date(`${day}T00:00:00+09:00`));

/** As in 「2026年6月」. @param month `YYYY-MM` */
export const mailMonth = (month: string): string => `${Number(month.slice(0, 4))}年${Number(month.slice(5))}月`;

/** As in 「1,200,000」. */
export const mailNumber = (value: number): string => value.toLocaleString('ja-JP');

const AUTOMATIC = ['-- ', 'このメールは Moyai から自動で送信しています。返信しても届きません。'];
const FOOT = [...AUTOMATIC, 'リンクは記載していません。いつもの入口からサインインしてご確認ください。'];
/** Also of a mail that can be turned off. */
const OPTIONAL_FOOT = [...FOOT, 'このお知らせのメールは、サインイン後の「アカウント」で停止できます。'];

const joined = (paragraphs: readonly (readonly string[])[]): string =>
  paragraphs.map((lines) => lines.join('\n')).join('\n\n');

/** Paragraphs of lines, and what stands under every mail. */
export const mailBody = (...paragraphs: readonly (readonly string[])[]): string => joined([...paragraphs, FOOT]);

/** As {@link mailBody}, of what its receiver may turn off. */
export const optionalMailBody = (...paragraphs: readonly (readonly string[])[]): string =>
  joined([...paragraphs, OPTIONAL_FOOT]);

/** As {@link mailBody}, where the mail is the way in. */
export const mailBodyWithLink = (...paragraphs: readonly (readonly string[])[]): string =>
  joined([...paragraphs, AUTOMATIC]);
