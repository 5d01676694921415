import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { type CrossTenantTransaction, type Transaction, refusedWith } from '#libs/database';
import { Clock, DomainError, VENDOR_TENANT_ID, idUnderKey, newId } from '#libs/kernel';
import { Mailer } from './mail/mailer.ts';
import { maintenanceMail } from './maintenance-mail.ts';

export const NOTICE_SEVERITIES = ['info', 'warning', 'critical'] as const;
export type NoticeSeverity = (typeof NOTICE_SEVERITIES)[number];

/** Maintenance to come or under way (保守のお知らせ). Shown from the moment it is announced until it ends. */
export interface MaintenanceNotice {
  readonly id: string;
  readonly severity: NoticeSeverity;
  readonly title: string;
  readonly body: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly announcedAt: Date;
}

/** As the vendor sees it, with whom it is for and who did it. */
export interface MaintenanceRecord extends MaintenanceNotice {
  /** Null: all cities. */
  readonly cities: readonly { readonly id: string; readonly code: string; readonly name: string }[] | null;
  readonly onSignIn: boolean;
  readonly announcedBy: string;
  readonly withdrawnAt: Date | null;
  readonly withdrawnBy: string | null;
}

export interface NewMaintenance extends Omit<MaintenanceNotice, 'id' | 'announcedAt'> {
  /** Null: all cities. */
  readonly cityIds: readonly string[] | null;
  /** Also where people sign in; only what is for all cities. */
  readonly onSignIn: boolean;
}

type Vendor = AuditActor & { readonly id: string };

const CHECK_VIOLATION = '23514';
const NOTICE = `n.id, n.severity, n.title, n.body, n.starts_at AS "startsAt", n.ends_at AS "endsAt",
  n.announced_at AS "announcedAt"`;
const SHOWN = 'n.withdrawn_at IS NULL AND n.ends_at > $1';
const RECORD = `SELECT ${NOTICE}, n.on_sign_in AS "onSignIn", announcer.display_name AS "announcedBy",
    n.withdrawn_at AS "withdrawnAt", withdrawer.display_name AS "withdrawnBy",
    CASE WHEN NOT n.to_all THEN (SELECT json_agg(json_build_object('id', t.id, 'code', t.code, 'name', t.name) ORDER BY t.code)
      FROM maintenance_notice_cities c JOIN tenants t ON t.id = c.city_id WHERE c.notice_id = n.id) END AS cities
  FROM maintenance_notices n JOIN vendor_users announcer ON announcer.id = n.announced_by
  LEFT JOIN vendor_users withdrawer ON withdrawer.id = n.withdrawn_by`;

/** Announces maintenance and takes it back; what was announced is never edited, so that everybody read the same. */
@Injectable()
export class MaintenanceNotices {
  constructor(
    private readonly mailer: Mailer,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** What is to be shown now to whoever this transaction is of: a city its own, the vendor all. By start. */
  current(tx: Transaction): Promise<MaintenanceNotice[]> {
    return tx.query<MaintenanceNotice>(
      `SELECT ${NOTICE} FROM maintenance_notices n WHERE ${SHOWN} ORDER BY n.starts_at, n.id`,
      [this.clock.now()],
    );
  }

  /** What is to be shown before anybody has signed in. */
  onSignIn(tx: Transaction): Promise<MaintenanceNotice[]> {
    return tx.query<MaintenanceNotice>(
      `SELECT ${NOTICE} FROM maintenance_notices n WHERE ${SHOWN} AND n.on_sign_in ORDER BY n.starts_at, n.id`,
      [this.clock.now()],
    );
  }

  /** One page, newest first. @param page.before id of the last notice of the page before */
  list(tx: CrossTenantTransaction, { before, limit }: { before: string | null; limit: number }) {
    return tx.query<MaintenanceRecord>(
      `${RECORD} WHERE $1::uuid IS NULL OR (n.announced_at, n.id) < (
         SELECT last.announced_at, last.id FROM maintenance_notices last WHERE last.id = $1)
       ORDER BY n.announced_at DESC, n.id DESC LIMIT $2`,
      [before, limit],
    );
  }

  /**
   * @param key announced again under the same key it is the same notice
   * @throws DomainError REQUEST.INVALID when a city is unknown, the end is past, or the time is not one of a day to a month
   */
  async announce(tx: CrossTenantTransaction, actor: Vendor, notice: NewMaintenance, key?: string) {
    const { severity, title, body, startsAt, endsAt, cityIds, onSignIn } = notice;
    const now = this.clock.now();
    if (endsAt <= now) throw invalid('/endsAt', '終了日時は、現在より後にしてください。');
    if (onSignIn && cityIds) throw invalid('/onSignIn', 'サインイン画面には、全団体へのお知らせだけを表示できます。');
    const id = key === undefined ? newId() : idUnderKey(actor.id, `maintenance_notices ${key}`);
    const announced = await tx
      .query(
        `INSERT INTO maintenance_notices (id, severity, title, body, starts_at, ends_at, to_all, on_sign_in, announced_by,
           announced_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING RETURNING id`,
        [id, severity, title, body, startsAt, endsAt, cityIds === null, onSignIn, actor.id, now],
      )
      .catch((error: unknown) => {
        if (!refusedWith(error, CHECK_VIOLATION)) throw error;
        throw invalid('/endsAt', '終了日時は、開始日時より後で31日以内にしてください。');
      });
    if (announced.length === 0) return this.announcedBefore(tx, id, notice);
    await this.address(tx, id, cityIds ?? []);
    return this.recorded(tx, actor, id, 'maintenance.announced');
  }

  /** @throws DomainError REQUEST.NOT_FOUND, NOTICES.OVER */
  async withdraw(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<MaintenanceRecord> {
    const withdrawn = await tx.query(
      `UPDATE maintenance_notices n SET withdrawn_at = $1, withdrawn_by = $3 WHERE n.id = $2 AND ${SHOWN} RETURNING n.id`,
      [this.clock.now(), id, actor.id],
    );
    if (withdrawn.length > 0) return this.recorded(tx, actor, id, 'maintenance.withdrawn');
    await this.get(tx, id);
    throw new DomainError('NOTICES.OVER');
  }

  private async address(tx: CrossTenantTransaction, id: string, cityIds: readonly string[]): Promise<void> {
    const rows = await tx.query<{ id: string }>(
      `INSERT INTO maintenance_notice_cities (notice_id, city_id) SELECT $1, t.id FROM tenants t WHERE t.id = ANY ($2)
       RETURNING city_id AS id`,
      [id, cityIds],
    );
    const known = new Set(rows.map((row) => row.id));
    const unknown = cityIds.findIndex((city) => !known.has(city));
    if (unknown >= 0) throw invalid(`/cityIds/${unknown}`, '登録のない団体です。');
  }

  private async announcedBefore(tx: CrossTenantTransaction, id: string, notice: NewMaintenance) {
    const record = await this.get(tx, id);
    const addressed = (ids: readonly string[] | null) => ids && ids.toSorted().join();
    const isSame =
      (['severity', 'title', 'body', 'onSignIn'] as const).every((name) => record[name] === notice[name]) &&
      record.startsAt.getTime() === notice.startsAt.getTime() &&
      record.endsAt.getTime() === notice.endsAt.getTime() &&
      addressed(record.cities && record.cities.map((city) => city.id)) === addressed(notice.cityIds);
    if (!isSame) throw new DomainError('REQUEST.IDEMPOTENCY_MISMATCH');
    return record;
  }

  private async get(tx: CrossTenantTransaction, id: string): Promise<MaintenanceRecord> {
    const [record] = await tx.query<MaintenanceRecord>(`${RECORD} WHERE n.id = $1`, [id]);
    if (!record) throw new DomainError('REQUEST.NOT_FOUND');
    return record;
  }

  /** In the vendor's chain: a notice touches nothing of a city. Its administrators are mailed. */
  private async recorded(tx: CrossTenantTransaction, actor: Vendor, id: string, action: string) {
    const record = await this.get(tx, id);
    const { type, id: actorId } = actor;
    await this.mailer.enqueue(tx, maintenanceMail(record));
    await tx.actOn(VENDOR_TENANT_ID);
    await this.audit.append(tx, {
      action,
      actor: { type, id: actorId },
      subject: { type: 'maintenance-notice', id },
      details: { severity: record.severity, cities: record.cities?.length ?? null },
    });
    return record;
  }
}

const invalid = (pointer: string, message: string): DomainError =>
  new DomainError('REQUEST.INVALID', { faults: [{ pointer, message }] });
