export { MailDeliveries } from './mail/mail-deliveries.ts';
export { MailRunner } from './mail/mail-runner.ts';
export { mailBody, mailTime } from './mail/mail-words.ts';
export { MailModule, MailSendingModule } from './mail/mail.module.ts';
export { type Mail, type MailCounts, Mailer } from './mail/mailer.ts';
export {
  type MaintenanceNotice,
  MaintenanceNotices,
  type MaintenanceRecord,
  NOTICE_SEVERITIES,
  type NoticeSeverity,
} from './maintenance-notices.ts';
export { NoticeReads } from './notice-reads.ts';
export { NoticesModule } from './notices.module.ts';
