import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { type CrossTenantTransaction, type TenantTransaction, refusedWith } from '#libs/database';
import { DomainError, type TenantId, VENDOR_TENANT_ID, idUnderKey, newId } from '#libs/kernel';

export interface UrgentCity {
  readonly id: TenantId;
  readonly name: string;
}

/** A time in which what some cities' people ask goes before everybody else's: a disaster. */
export interface UrgentOpening {
  readonly id: string;
  readonly reason: string;
  readonly openedAt: Date;
  readonly endsAt: Date;
  readonly cities: readonly UrgentCity[];
}

/** As the vendor sees it, which also keeps who did it. */
export interface UrgentOpeningRecord extends UrgentOpening {
  readonly cities: readonly (UrgentCity & { readonly code: string })[];
  readonly isOpen: boolean;
  readonly openedBy: string;
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
}

export interface NewUrgentOpening {
  readonly reason: string;
  readonly cityIds: readonly string[];
  readonly endsAt: Date;
}

/** The longest time an opening may be announced for; the database holds everybody to it. */
const URGENT_HOURS_MAX = 72;
/** How far ahead the clock of whoever asks may be of the database's. */
const CLOCKS_APART_MS = 5 * 60_000;

type Vendor = AuditActor & { readonly id: string };

const CHECK_VIOLATION = '23514';
const OPEN = 'o.closed_at IS NULL AND o.ends_at > now()';
/** As announced: the name a city had then, which may not be its own alone. */
const CITIES = `(SELECT json_agg(json_build_object('id', c.city_id, 'name', c.city_name) ORDER BY c.city_id)
  FROM urgent_opening_cities c WHERE c.opening_id = o.id) AS cities`;
const OPENING = `o.id, o.reason, o.opened_at AS "openedAt", o.ends_at AS "endsAt"`;
/** Only the vendor may read of every city what tells namesakes apart. */
const CITIES_WITH_CODES = `(SELECT json_agg(json_build_object('id', c.city_id, 'code', t.code, 'name', c.city_name) ORDER BY c.city_id)
  FROM urgent_opening_cities c JOIN tenants t ON t.id = c.city_id WHERE c.opening_id = o.id) AS cities`;
const RECORD = `SELECT ${OPENING}, ${CITIES_WITH_CODES}, ${OPEN} AS "isOpen", o.closed_at AS "closedAt",
    opener.display_name AS "openedBy", closer.display_name AS "closedBy"
  FROM urgent_openings o JOIN vendor_users opener ON opener.id = o.opened_by
  LEFT JOIN vendor_users closer ON closer.id = o.closed_by`;

/** Opens and closes the urgent lane. Which jobs then go through it is decided where they are put in line: admission_lane(). */
@Injectable()
export class UrgentLane {
  constructor(private readonly audit: AuditTrail) {}

  /** What is open now, as every city may know it. */
  openNow(tx: TenantTransaction): Promise<UrgentOpening[]> {
    return tx.query<UrgentOpening>(
      `SELECT ${OPENING}, ${CITIES} FROM urgent_openings o WHERE ${OPEN} ORDER BY o.opened_at, o.id`,
    );
  }

  /** One page, newest first. @param before id of the last opening of the page before */
  list(tx: CrossTenantTransaction, { before, limit }: { before: string | null; limit: number }) {
    return tx.query<UrgentOpeningRecord>(
      `${RECORD} WHERE $1::uuid IS NULL OR (o.opened_at, o.id) < (
         SELECT last.opened_at, last.id FROM urgent_openings last WHERE last.id = $1::uuid)
       ORDER BY o.opened_at DESC, o.id DESC LIMIT $2`,
      [before, limit],
    );
  }

  /**
   * @param key opened again under the same key it is the same opening
   * @throws DomainError REQUEST.INVALID when a city is unknown, or the end is past or beyond {@link URGENT_HOURS_MAX};
   *   REQUEST.IDEMPOTENCY_MISMATCH
   */
  async open(tx: CrossTenantTransaction, actor: Vendor, opening: NewUrgentOpening, key?: string) {
    const { reason, cityIds, endsAt } = opening;
    const id = key === undefined ? newId() : idUnderKey(actor.id, `urgent_openings ${key}`);
    try {
      const opened = await tx.query(
        `INSERT INTO urgent_openings (id, reason, opened_by, ends_at)
         SELECT $1, $2, $3, CASE WHEN $4 < latest + make_interval(secs => $5 / 1000.0) THEN least($4, latest) ELSE $4 END
         FROM (SELECT now() + interval '${URGENT_HOURS_MAX} h' AS latest) AS bound
         ON CONFLICT (id) DO NOTHING RETURNING id`,
        [id, reason, actor.id, endsAt, CLOCKS_APART_MS],
      );
      if (opened.length === 0) return await this.openedBefore(tx, id, opening);
    } catch (error) {
      if (!refusedWith(error, CHECK_VIOLATION)) throw error;
      const message = `終了日時は、現在より後で${URGENT_HOURS_MAX}時間以内にしてください。`;
      throw new DomainError('REQUEST.INVALID', { faults: [{ pointer: '/endsAt', message }] });
    }
    const named = await tx.query<{ id: TenantId }>(
      `INSERT INTO urgent_opening_cities (opening_id, city_id, city_name)
       SELECT $1, id, name FROM tenants WHERE id = ANY ($2) RETURNING city_id AS id`,
      [id, cityIds],
    );
    const unknown = cityIds.findIndex((city) => !named.some((row) => row.id === city));
    if (unknown >= 0) {
      const message = '登録のない団体です。';
      throw new DomainError('REQUEST.INVALID', { faults: [{ pointer: `/cityIds/${unknown}`, message }] });
    }
    return this.recorded(tx, actor, id, 'urgent-lane.opened');
  }

  /** Ends an opening before its time. @throws DomainError REQUEST.NOT_FOUND, JOBS.URGENT_OPENING_OVER */
  async close(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<UrgentOpeningRecord> {
    const closed = await tx.query(
      `UPDATE urgent_openings o SET closed_at = now(), closed_by = $2 WHERE o.id = $1 AND ${OPEN} RETURNING o.id`,
      [id, actor.id],
    );
    if (closed.length > 0) return this.recorded(tx, actor, id, 'urgent-lane.closed');
    await this.get(tx, id);
    throw new DomainError('JOBS.URGENT_OPENING_OVER');
  }

  private async openedBefore(tx: CrossTenantTransaction, id: string, opening: NewUrgentOpening) {
    const record = await this.get(tx, id);
    const cities = new Set<string>(record.cities.map((city) => city.id));
    const isSame =
      record.reason === opening.reason &&
      cities.size === opening.cityIds.length &&
      opening.cityIds.every((city) => cities.has(city)) &&
      Math.abs(record.endsAt.getTime() - opening.endsAt.getTime()) < CLOCKS_APART_MS;
    if (!isSame) throw new DomainError('REQUEST.IDEMPOTENCY_MISMATCH');
    return record;
  }

  private async get(tx: CrossTenantTransaction, id: string): Promise<UrgentOpeningRecord> {
    const [record] = await tx.query<UrgentOpeningRecord>(`${RECORD} WHERE o.id = $1`, [id]);
    if (!record) throw new DomainError('REQUEST.NOT_FOUND');
    return record;
  }

  /** Stands in the chain of each city covered and in the vendor's, taken in one order by everybody: each is a lock. */
  private async recorded(tx: CrossTenantTransaction, actor: Vendor, id: string, action: string) {
    const record = await this.get(tx, id);
    const details = { endsAt: record.endsAt.toISOString(), cities: record.cities.length };
    for (const chain of [...record.cities.map((city) => city.id), VENDOR_TENANT_ID]) {
      await tx.actOn(chain);
      await this.audit.append(tx, { action, actor, subject: { type: 'urgent-opening', id }, details });
    }
    return record;
  }
}
