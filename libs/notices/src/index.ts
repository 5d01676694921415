export {
  type MaintenanceNotice,
  MaintenanceNotices,
  type MaintenanceRecord,
  NOTICE_SEVERITIES,
  type NoticeSeverity,
} from './maintenance-notices.ts';
export { NoticeReads } from './notice-reads.ts';
export { NoticesModule } from './notices.module.ts';
