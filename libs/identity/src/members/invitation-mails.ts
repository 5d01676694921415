import { Injectable } from '@nestjs/common';
import {
  ContentSeal,
  TenantDatabase,
  type TenantScope,
  type TenantSeal,
  type TenantTransaction,
  type Transaction,
} from '#libs/database';
import type { Segment, TenantId } from '#libs/kernel';
import { Mailer, mailBodyWithLink, mailTime } from '#libs/notices';

/** What an invitation is mailed in. */
export interface Envelope {
  readonly seal: TenantSeal;
  /** Where the link begins: the address of one network, known to who is on it. */
  readonly origin: string;
  readonly segment: Segment;
}

/** What is put into it. */
export interface MailedInvitation {
  readonly memberId: string;
  readonly token: string;
  readonly expiresAt: Date;
}

const KIND = 'invitation.issued';

/** Mails invitations. The link is a secret: until it is sent it lies under the city's key. */
@Injectable()
export class InvitationMails {
  constructor(
    private readonly mailer: Mailer,
    private readonly seals: ContentSeal,
    private readonly database: TenantDatabase,
  ) {}

  /** Before the transaction: a city's first key is made in one of its own. Null: mail is off, or nobody knows the address. */
  async envelope(scope: TenantScope, origin: string | null): Promise<Envelope | null> {
    if (!this.mailer.isOn || !origin) return null;
    return { origin, segment: scope.segment, seal: await this.seals.forTenant(scope) };
  }

  /** @returns false when the member has no address, or is of another network, on which the link would not open */
  async put(tx: Transaction, { seal, origin, segment }: Envelope, invitation: MailedInvitation): Promise<boolean> {
    const { memberId, token, expiresAt } = invitation;
    const [person] = await tx.query<{ name: string; loginId: string; city: string }>(
      `SELECT m.display_name AS name, m.login_id AS "loginId", t.name AS city
       FROM members m JOIN tenants t ON t.id = m.tenant_id
       WHERE m.tenant_id = app_tenant_id() AND m.id = $1 AND m.segment = $2 AND m.mail_address IS NOT NULL`,
      [memberId, segment],
    );
    if (!person) return false;
    const body = mailBodyWithLink(
      [person.city, `${person.name} 様`],
      [
        '生成AIサービス Moyai の利用者として登録されています。',
        '次のリンクを、庁内のいつもの端末で開き、パスワードを設定してください。',
      ],
      [`${origin}/invitation#${token}`],
      [`ログインID：${person.loginId}`, `有効期限：${mailTime(expiresAt)}（日本時間）`],
      [
        'リンクは一度だけ使えます。ほかの人に転送しないでください。',
        '心当たりがない場合は、リンクを開かずに、団体の管理者へご連絡ください。',
      ],
    );
    await this.mailer.enqueueSealed(tx, seal, { kind: KIND, memberId, subject: '【Moyai】利用開始のご案内', body });
    return true;
  }

  /**
   * One that the vendor issued, to an address and on a network that only the city's own role may read. After its commit: a
   * new city has no key before. Not mailed, it is handed over by other ways.
   * @returns false when it cannot be mailed: mail is off, the member has no address, or the network's is not configured
   */
  async send(tenantId: TenantId, invitation: MailedInvitation): Promise<boolean> {
    if (!this.mailer.isOn) return false;
    // Members belong to no network before they sign in
    const [member] = await this.database.run({ tenantId, segment: 'lgwan' }, (tx) =>
      tx.query<{ segment: Segment }>('SELECT segment FROM members WHERE id = $1 AND mail_address IS NOT NULL', [
        invitation.memberId,
      ]),
    );
    if (!member) return false;
    const scope = { tenantId, segment: member.segment };
    const envelope = await this.envelope(scope, this.mailer.originOf(member.segment));
    if (!envelope) return false;
    return this.database.run(scope, async (tx) => {
      await this.recall(tx, invitation.memberId);
      return this.put(tx, envelope, invitation);
    });
  }

  /** A newer invitation, or none any more: the one that still waits must not go. */
  async recall(tx: TenantTransaction, memberId: string): Promise<void> {
    await this.mailer.recall(tx, KIND, memberId);
  }
}
