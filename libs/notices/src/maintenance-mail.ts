import type { MaintenanceRecord } from './maintenance-notices.ts';
import { mailTime, optionalMailBody } from './mail/mail-words.ts';
import type { Mail } from './mail/mailer.ts';

/** What administrators are mailed of maintenance: that it comes, or that it does not. */
export function maintenanceMail(record: MaintenanceRecord): Mail {
  const { title, body, startsAt, endsAt, withdrawnAt, cities } = record;
  const span = `日時：${mailTime(startsAt)} から ${mailTime(endsAt)} まで（日本時間）`;
  const adminsOf = cities && cities.map(({ id }) => id);
  if (withdrawnAt)
    return {
      kind: 'maintenance.withdrawn',
      adminsOf,
      subject: `【Moyai】保守のお知らせの取下げ：${title}`,
      body: optionalMailBody([`次の保守のお知らせは取り下げました。`], [title, span]),
    };
  return {
    kind: 'maintenance.announced',
    adminsOf,
    subject: `【Moyai】保守のお知らせ：${title}`,
    body: optionalMailBody([title, span], [body]),
  };
}
