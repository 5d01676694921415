import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import type { CrossTenantTransaction } from '#libs/database';
import {
  Clock,
  DomainError,
  type TenantId,
  VENDOR_TENANT_ID,
  isMunicipalityCode,
  jstDayOf,
  newId,
  tenantId,
} from '#libs/kernel';
import { violates } from './constraint.ts';
import { SegmentPolicies } from './segment-policies.ts';

/** Frozen: it leaves, and its administrators fetch its data. Deleted: its data goes or is gone, and then this row is what is known of it. */
export const CITY_STATUSES = ['active', 'suspended', 'frozen', 'deleted'] as const;
export type CityStatus = (typeof CITY_STATUSES)[number];

/** A municipality: the tenant. */
export interface City {
  readonly id: TenantId;
  /** 全国地方公共団体コード, six digits. */
  readonly code: string;
  readonly name: string;
  readonly status: CityStatus;
  readonly createdAt: Date;
}

export interface NewCity {
  readonly id?: TenantId;
  readonly code: string;
  readonly name: string;
  /** Last JST day of a trial; null without one. */
  readonly trialEndsOn?: string | null;
}

export interface CityChange {
  readonly name?: string;
  /** Last JST day of its trial; null: it is on trial no longer. */
  readonly trialEndsOn?: string | null;
}

export interface StatusChange {
  readonly from: CityStatus;
  readonly to: CityStatus;
  /** In the operator's words; the city reads it in its audit trail. */
  readonly reason: string;
}

/** A year: longer is no trial. */
const LONGEST_TRIAL_MS = 366 * 86_400_000;

const COLUMNS = 'id, code, name, status, created_at AS "createdAt"';

/** The vendor's list of the cities it serves. Works with the ops role. */
@Injectable()
export class CityRegistry {
  constructor(
    private readonly policies: SegmentPolicies,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async find(tx: CrossTenantTransaction, id: string): Promise<City | null> {
    const [city] = await tx.query<City>(`SELECT ${COLUMNS} FROM tenants WHERE id = $1`, [id]);
    return city ?? null;
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: CrossTenantTransaction, id: string): Promise<City> {
    const city = await this.find(tx, id);
    if (!city) throw new DomainError('REQUEST.NOT_FOUND');
    return city;
  }

  async findByCode(tx: CrossTenantTransaction, code: string): Promise<City | null> {
    const [row] = await tx.query<City>(`SELECT ${COLUMNS} FROM tenants WHERE code = $1 AND status <> 'deleted'`, [
      code,
    ]);
    return row ?? null;
  }

  /**
   * Adds a city with its networks' default policies and binds the transaction to it, so that its first rows can follow. The caller records it last.
   * @throws DomainError TENANCY.CODE_INVALID, TENANCY.CODE_TAKEN, TENANCY.TRIAL_INVALID
   */
  async register(
    tx: CrossTenantTransaction,
    { id = tenantId(newId()), code, name, trialEndsOn = null }: NewCity,
  ): Promise<City> {
    if (!isMunicipalityCode(code)) throw new DomainError('TENANCY.CODE_INVALID');
    if (trialEndsOn !== null) this.assertTrial(trialEndsOn);
    const city: City = { id, code, name, status: 'active', createdAt: this.clock.now() };
    try {
      await tx.query(
        `INSERT INTO tenants (id, code, name, status, trial_ends_on, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)`,
        [city.id, code, name, city.status, trialEndsOn, city.createdAt],
      );
    } catch (error) {
      if (violates(error, 'tenants_code_key')) throw new DomainError('TENANCY.CODE_TAKEN');
      throw error;
    }
    await tx.query('INSERT INTO admission_shares (tenant_id) VALUES ($1)', [city.id]);
    await tx.actOn(city.id);
    await this.policies.openDefaults(tx);
    return city;
  }

  /**
   * @throws DomainError REQUEST.NOT_FOUND, TENANCY.TRIAL_INVALID, TENANCY.FROZEN when the city leaves: only its exit moves
   *   it then
   */
  async change(tx: CrossTenantTransaction, actor: AuditActor, id: string, change: CityChange): Promise<City> {
    const { name = null, trialEndsOn } = change;
    if (trialEndsOn) this.assertTrial(trialEndsOn);
    const [city] = await tx.query<City>(
      `UPDATE tenants SET name = coalesce($2, name), updated_at = $3,
         trial_ends_on = CASE WHEN $4 THEN $5::date ELSE trial_ends_on END
       WHERE id = $1 AND status IN ('active', 'suspended') RETURNING ${COLUMNS}`,
      [id, name, this.clock.now(), trialEndsOn !== undefined, trialEndsOn ?? null],
    );
    if (!city) {
      await this.get(tx, id);
      throw new DomainError('TENANCY.FROZEN');
    }
    await this.record(tx, actor, 'city.changed', city, trialEndsOn === undefined ? {} : { trialEndsOn });
    return city;
  }

  /**
   * The one way from a status to the next. The caller records it last.
   * @throws DomainError REQUEST.NOT_FOUND, TENANCY.STATUS_CHANGED when it is not in the status it is to leave
   */
  async setStatus(tx: CrossTenantTransaction, id: string, { from, to, reason }: StatusChange): Promise<City> {
    const [city] = await tx.query<City>(
      `UPDATE tenants SET status = $3, status_reason = $4, status_changed_at = $5, updated_at = $5
       WHERE id = $1 AND status = $2 RETURNING ${COLUMNS}`,
      [id, from, to, reason, this.clock.now()],
    );
    if (city) return city;
    await this.get(tx, id);
    throw new DomainError('TENANCY.STATUS_CHANGED');
  }

  /** @throws DomainError TENANCY.TRIAL_INVALID for a day that is over, or too far away for a trial */
  private assertTrial(endsOn: string): void {
    const now = this.clock.now();
    if (endsOn < jstDayOf(now) || endsOn > jstDayOf(new Date(now.getTime() + LONGEST_TRIAL_MS)))
      throw new DomainError('TENANCY.TRIAL_INVALID');
  }

  /** What the vendor does to a city stands in both chains: the city's own, and the vendor's. Call last. */
  async record(
    tx: CrossTenantTransaction,
    actor: AuditActor,
    action: string,
    { id, code, status }: City,
    more: Record<string, string | number | boolean | null> = {},
  ): Promise<void> {
    const event = { action, actor, subject: { type: 'city', id }, details: { code, status, ...more } };
    // Always in this order: two chains are two locks.
    for (const chain of [id, VENDOR_TENANT_ID]) {
      await tx.actOn(chain);
      await this.audit.append(tx, event);
    }
  }
}
