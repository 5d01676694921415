import { Module } from '@nestjs/common';
import { MaintenanceNotices } from './maintenance-notices.ts';
import { NoticeReads } from './notice-reads.ts';

/** Announcing maintenance and reading notices: the api. */
@Module({ providers: [MaintenanceNotices, NoticeReads], exports: [MaintenanceNotices, NoticeReads] })
export class NoticesModule {}
