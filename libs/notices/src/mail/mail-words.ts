const TIME = new Intl.DateTimeFormat('ja-JP', { timeZone: 'Asia/Tokyo', dateStyle: 'long', timeStyle: 'short' });

/** As in 「2026年6月10日 10:00」, Japanese time. */
export const mailTime = (at: Date): string => TIME.format(at);

const FOOT = [
  '-- ',
  'このメールは Moyai から自動で送信しています。返信しても届きません。',
  'リンクは記載していません。いつもの入口からサインインしてご確認ください。',
];

/** Paragraphs of lines, and what stands under every mail. */
export const mailBody = (...paragraphs: readonly (readonly string[])[]): string =>
  [...paragraphs, FOOT].map((lines) => lines.join('\n')).join('\n\n');
