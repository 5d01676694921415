import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import { Clock } from '#libs/kernel';

/** Which notices, of whatever kind, a member has read. */
@Injectable()
export class NoticeReads {
  constructor(private readonly clock: Clock) {}

  /** Those of these notices that the member has read. */
  async among(tx: TenantTransaction, memberId: string, noticeIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ id: string }>(
      'SELECT notice_id AS id FROM notice_reads WHERE member_id = $1 AND notice_id = ANY ($2)',
      [memberId, noticeIds],
    );
    return new Set(rows.map(({ id }) => id));
  }

  async record(tx: TenantTransaction, memberId: string, noticeId: string): Promise<void> {
    await tx.query(
      `INSERT INTO notice_reads (tenant_id, member_id, notice_id, read_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
      [tx.scope.tenantId, memberId, noticeId, this.clock.now()],
    );
  }
}
