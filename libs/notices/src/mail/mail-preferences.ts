import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import { MAIL_TOPICS, type MailTopic } from './mail-kinds.ts';

/** What a member is mailed. */
export interface MailPreferences {
  /** Where to; null: nothing is mailed. Administrators keep it. */
  readonly address: string | null;
  readonly refused: readonly MailTopic[];
}

/** Which mails people do without. It counts when a mail is sent: one that waits is dropped. */
@Injectable()
export class MailPreferencesBook {
  async read(tx: TenantTransaction, memberId: string): Promise<MailPreferences> {
    const [row] = await tx.query<MailPreferences>(
      `SELECT mail_address AS address,
         ARRAY(SELECT topic FROM mail_refusals r WHERE r.tenant_id = m.tenant_id AND r.member_id = m.id) AS refused
       FROM members m WHERE id = $1`,
      [memberId],
    );
    return row ?? { address: null, refused: [] };
  }

  /** From now on these and no others, of those asked about. */
  async refuse(tx: TenantTransaction, memberId: string, topics: readonly MailTopic[]): Promise<void> {
    await tx.query('DELETE FROM mail_refusals WHERE member_id = $1 AND NOT topic = ANY ($2)', [memberId, topics]);
    await tx.query(
      `INSERT INTO mail_refusals (tenant_id, member_id, topic) SELECT $1, $2, unnest($3::text[]) ON CONFLICT DO NOTHING`,
      [tx.scope.tenantId, memberId, topics],
    );
  }
}

/** Of which topics there are mails to somebody of a role at all. */
export const topicsOf = (role: string): readonly MailTopic[] =>
  role === 'admin' ? MAIL_TOPICS : role === 'manager' ? ['department-budget', 'top-up'] : [];
