import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import type { CrossTenantTransaction } from '#libs/database';
import { Clock, DomainError, type TenantId, VENDOR_TENANT_ID, isMunicipalityCode, newId, tenantId } from '#libs/kernel';
import { violates } from './constraint.ts';
import { SegmentPolicies } from './segment-policies.ts';

/** Frozen: it leaves, and its administrators fetch its data. Deleted: it has left, and this row is what is known of it. */
export type CityStatus = 'active' | 'suspended' | 'frozen' | 'deleted';

/** A municipality: the tenant. */
export interface City {
  readonly id: TenantId;
  /** 全国地方公共団体コード, six digits. */
  readonly code: string;
  readonly name: string;
  readonly status: CityStatus;
  readonly createdAt: Date;
}

export interface CityChange {
  readonly name?: string;
  readonly status?: 'active' | 'suspended';
}

const COLUMNS = 'id, code, name, status, created_at AS "createdAt"';

/** The vendor's list of the cities it serves. Works with the ops role. */
@Injectable()
export class CityRegistry {
  constructor(
    private readonly policies: SegmentPolicies,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: CrossTenantTransaction, id: string): Promise<City> {
    const [city] = await tx.query<City>(`SELECT ${COLUMNS} FROM tenants WHERE id = $1`, [id]);
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
   * @throws DomainError TENANCY.CODE_INVALID, TENANCY.CODE_TAKEN
   */
  async register(tx: CrossTenantTransaction, { code, name }: Pick<City, 'code' | 'name'>): Promise<City> {
    if (!isMunicipalityCode(code)) throw new DomainError('TENANCY.CODE_INVALID');
    const city: City = { id: tenantId(newId()), code, name, status: 'active', createdAt: this.clock.now() };
    try {
      await tx.query(
        'INSERT INTO tenants (id, code, name, status, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)',
        [city.id, code, name, city.status, city.createdAt],
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
   * @throws DomainError REQUEST.NOT_FOUND, TENANCY.FROZEN when the city leaves: only its exit moves it then
   */
  async change(tx: CrossTenantTransaction, actor: AuditActor, id: string, change: CityChange): Promise<City> {
    const [city] = await tx.query<City>(
      `UPDATE tenants SET name = coalesce($2, name), status = coalesce($3, status), updated_at = $4
       WHERE id = $1 AND status IN ('active', 'suspended') RETURNING ${COLUMNS}`,
      [id, change.name ?? null, change.status ?? null, this.clock.now()],
    );
    if (!city) {
      await this.get(tx, id);
      throw new DomainError('TENANCY.FROZEN');
    }
    await this.record(tx, actor, 'city.changed', city);
    return city;
  }

  /** What the vendor does to a city stands in both chains: the city's own, and the vendor's. Call last. */
  async record(
    tx: CrossTenantTransaction,
    actor: AuditActor,
    action: string,
    { id, code, status }: City,
    more: Record<string, string | number | null> = {},
  ): Promise<void> {
    const event = { action, actor, subject: { type: 'city', id }, details: { code, status, ...more } };
    // Always in this order: two chains are two locks.
    for (const chain of [id, VENDOR_TENANT_ID]) {
      await tx.actOn(chain);
      await this.audit.append(tx, event);
    }
  }
}
