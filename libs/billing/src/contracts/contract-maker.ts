import { Injectable } from '@nestjs/common';
import { type CrossTenantTransaction, refusedWith } from '#libs/database';
import { Clock, DomainError, type TenantId, idUnderKey, jstDayOf, newId } from '#libs/kernel';
import type { Vendor } from '#libs/pricing';
import type { ContractRecord } from './contract-record.ts';
import { ContractRegister } from './contract-register.ts';
import { type NewTerms, TermsBook } from './terms-book.ts';
import { ContractTrail } from './contract-trail.ts';
import { holdMonthsOpen } from './open-months.ts';

export interface ContractBilling {
  /** 請求先. */
  readonly billingName: string;
  readonly billingPostalCode: string | null;
  readonly billingAddress: string | null;
}

export interface NewContract extends ContractBilling {
  readonly cityId: TenantId;
  readonly fiscalYear: number;
  readonly title: string;
  /** JST days, both included. */
  readonly startsOn: string;
  readonly endsOn: string;
  readonly councilId: string | null;
  readonly deletionDays: number;
  /** From the first day on. */
  readonly terms: NewTerms;
}

export interface ContractChange extends Partial<ContractBilling> {
  readonly baseFeeDepartmentId?: string | null;
}

const EXCLUSION_VIOLATION = '23P01';
const CHECK_VIOLATION = '23514';
const FOREIGN_KEY_VIOLATION = '23503';

/** Writes down what a city and the vendor contracted. It is in force once a second person approved its first terms. */
@Injectable()
export class ContractMaker {
  constructor(
    private readonly register: ContractRegister,
    private readonly terms: TermsBook,
    private readonly trail: ContractTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * @param key made again under the same key it is the same contract
   * @throws DomainError REQUEST.INVALID (no such city), CONTRACTS.DATES_INVALID, CONTRACTS.OVERLAP, CONTRACTS.MONTH_CLOSED,
   *   CONTRACTS.COUNCIL_UNKNOWN, REQUEST.IDEMPOTENCY_MISMATCH
   */
  async create(
    tx: CrossTenantTransaction,
    actor: Vendor,
    contract: NewContract,
    key?: string,
  ): Promise<ContractRecord> {
    const id = key === undefined ? newId() : idUnderKey(actor.id, `contracts ${key}`);
    if (key !== undefined && (await this.madeBefore(tx, id, contract))) return this.register.get(tx, id);
    await this.assertParties(tx, contract);
    const now = this.clock.now();
    try {
      await tx.query(
        `INSERT INTO contracts (tenant_id, id, fiscal_year, title, starts_on, ends_on, billing_name, billing_postal_code,
           billing_address, council_id, deletion_days, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
        [
          contract.cityId,
          id,
          contract.fiscalYear,
          contract.title,
          contract.startsOn,
          contract.endsOn,
          contract.billingName,
          contract.billingPostalCode,
          contract.billingAddress,
          contract.councilId,
          contract.deletionDays,
          actor.id,
          now,
        ],
      );
    } catch (error) {
      if (refusedWith(error, EXCLUSION_VIOLATION)) throw new DomainError('CONTRACTS.OVERLAP');
      if (refusedWith(error, CHECK_VIOLATION)) throw new DomainError('CONTRACTS.DATES_INVALID');
      throw error;
    }
    await this.terms.write(tx, actor, contract.cityId, id, contract.startsOn, contract.terms);
    await holdMonthsOpen(tx, contract.startsOn, jstDayOf(now));
    const { fiscalYear, startsOn, endsOn, councilId } = contract;
    await this.trail.record(tx, [contract.cityId], {
      action: 'contract.created',
      actor,
      subject: { type: 'contract', id },
      details: { fiscalYear, startsOn, endsOn, councilId, planId: contract.terms.planId },
    });
    return this.register.get(tx, id);
  }

  /** Where invoices go and who bears the base fee. @throws DomainError REQUEST.NOT_FOUND, TENANCY.DEPARTMENT_UNKNOWN */
  async change(tx: CrossTenantTransaction, actor: Vendor, id: string, change: ContractChange): Promise<ContractRecord> {
    const { tenantId } = await this.register.lock(tx, id);
    const columns = Object.entries({
      billing_name: change.billingName,
      billing_postal_code: change.billingPostalCode,
      billing_address: change.billingAddress,
      base_fee_department_id: change.baseFeeDepartmentId,
    }).filter((column): column is [string, string | null] => column[1] !== undefined);
    const [before] = await tx.query<Record<string, string | null>>(
      `SELECT billing_name, billing_postal_code, billing_address, base_fee_department_id FROM contracts WHERE id = $1`,
      [id],
    );
    try {
      await tx.query(
        `UPDATE contracts SET ${columns.map(([name], index) => `${name} = $${index + 3}`).join(', ')}
         WHERE tenant_id = $1 AND id = $2`,
        [tenantId, id, ...columns.map(([, value]) => value)],
      );
    } catch (error) {
      if (refusedWith(error, FOREIGN_KEY_VIOLATION)) throw new DomainError('TENANCY.DEPARTMENT_UNKNOWN');
      throw error;
    }
    await this.trail.record(tx, [tenantId], {
      action: 'contract.changed',
      actor,
      subject: { type: 'contract', id },
      details: Object.fromEntries([
        ['changed', columns.map(([name]) => name).join(' ')],
        ...columns.flatMap(([name, after]) => [
          [`${name}_before`, before![name]!],
          [`${name}_after`, after],
        ]),
      ]) as Record<string, string | null>,
    });
    return this.register.get(tx, id);
  }

  private async assertParties(tx: CrossTenantTransaction, contract: NewContract): Promise<void> {
    const city = await tx.query('SELECT FROM tenants WHERE id = $1', [contract.cityId]);
    if (city.length === 0)
      throw new DomainError('REQUEST.INVALID', { faults: [{ pointer: '/cityId', message: '登録のない団体です。' }] });
    if (contract.councilId === null) return;
    const membership = await tx.query(
      'SELECT FROM council_members WHERE tenant_id = $1 AND council_id = $2 AND fiscal_year = $3',
      [contract.cityId, contract.councilId, contract.fiscalYear],
    );
    if (membership.length === 0) throw new DomainError('CONTRACTS.COUNCIL_UNKNOWN');
  }

  /** @throws DomainError REQUEST.IDEMPOTENCY_MISMATCH when something else was made under this key */
  private async madeBefore(tx: CrossTenantTransaction, id: string, contract: NewContract): Promise<boolean> {
    const [made] = await tx.query<{ same: boolean }>(
      `SELECT (tenant_id, fiscal_year, title, starts_on, ends_on) = ($2::uuid, $3::integer, $4, $5::date, $6::date) AS same
       FROM contracts WHERE id = $1`,
      [id, contract.cityId, contract.fiscalYear, contract.title, contract.startsOn, contract.endsOn],
    );
    if (made && !made.same) throw new DomainError('REQUEST.IDEMPOTENCY_MISMATCH');
    return made !== undefined;
  }
}
