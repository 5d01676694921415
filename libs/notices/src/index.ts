export { MailDeliveries } from './mail/mail-deliveries.ts';
export { MAIL_KINDS, MAIL_TOPICS } from './mail/mail-kinds.ts';
export { MAIL_FAULTS, MAIL_STATES, type MailCounts, MailOutbox, type MailRecord } from './mail/mail-outbox.ts';
export { MailPreferencesBook, topicsOf } from './mail/mail-preferences.ts';
export { MailRunner } from './mail/mail-runner.ts';
export {
  mailBody,
  mailBodyWithLink,
  mailDay,
  mailMonth,
  mailNumber,
  mailTime,
  optionalMailBody,
} from './mail/mail-words.ts';
export { MailDeskModule, MailModule, MailSendingModule } from './mail/mail.module.ts';
export { type CityMail, type Mail, Mailer } from './mail/mailer.ts';
export {
  type MaintenanceNotice,
  MaintenanceNotices,
  type MaintenanceRecord,
  NOTICE_SEVERITIES,
  type NoticeSeverity,
} from './maintenance-notices.ts';
export { NoticeReads } from './notice-reads.ts';
export { NoticesModule } from './notices.module.ts';
