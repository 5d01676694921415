import { Injectable } from '@nestjs/common';
import type { CrossTenantTransaction } from '#libs/database';
import { Clock, DomainError, type TenantId, jstDayOf } from '#libs/kernel';
import {
  type ContractEnding,
  type ContractEntry,
  type ContractRecord,
  ENDING,
  ENTRY_COLUMNS,
  FROM_CONTRACTS,
  RECORDED_TERMS,
  RECORD_COLUMNS,
  type RecordedTermsRow,
  toRecordedTerms,
} from './contract-record.ts';

export interface ContractQuery {
  readonly fiscalYear: number | null;
  /** The beginning of a municipality code or a part of a city's name. */
  readonly city: string;
  /** {@link placeOf} the last contract of the page before. */
  readonly after: string;
  readonly limit: number;
}

/** Where a contract stands in the list. */
export const placeOf = ({ city, id }: ContractEntry): string => `${city.code} ${id}`;

/** The vendor's list of contracts. */
@Injectable()
export class ContractRegister {
  constructor(private readonly clock: Clock) {}

  /** One page in order of municipality code; a city's contracts in the order they were made. */
  list(tx: CrossTenantTransaction, { fiscalYear, city, after, limit }: ContractQuery): Promise<ContractEntry[]> {
    return tx.query<ContractEntry>(
      `SELECT ${ENTRY_COLUMNS} ${FROM_CONTRACTS}
       WHERE ($2::integer IS NULL OR c.fiscal_year = $2) AND t.code || ' ' || c.id > $3
         AND (starts_with(t.code, $4) OR position($4 IN t.name) > 0)
       ORDER BY t.code || ' ' || c.id LIMIT $5`,
      [this.today(), fiscalYear, after, city, limit],
    );
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: CrossTenantTransaction, id: string): Promise<ContractRecord> {
    const [row] = await tx.query<Omit<ContractRecord, 'terms' | 'ending'>>(
      `SELECT ${RECORD_COLUMNS} ${FROM_CONTRACTS} WHERE c.id = $2`,
      [this.today(), id],
    );
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    const [terms, endings] = await Promise.all([
      tx.query<RecordedTermsRow>(RECORDED_TERMS, [row.city.id, id]),
      tx.query<ContractEnding>(ENDING, [row.city.id, id]),
    ]);
    return { ...row, terms: terms.map(toRecordedTerms), ending: endings[0] ?? null };
  }

  /** Of the city whose contract it is, in order of their codes. */
  departments(tx: CrossTenantTransaction, id: string): Promise<{ id: string; code: string; name: string }[]> {
    return tx.query(
      `SELECT d.id, d.code, d.name FROM departments d JOIN contracts c ON c.tenant_id = d.tenant_id
       WHERE c.id = $1 ORDER BY d.code`,
      [id],
    );
  }

  /** Whose contract it is, locked until the commit. @throws DomainError REQUEST.NOT_FOUND */
  async lock(
    tx: CrossTenantTransaction,
    id: string,
  ): Promise<{ tenantId: TenantId; startsOn: string; endsOn: string; councilId: string | null }> {
    const [row] = await tx.query<{ tenantId: TenantId; startsOn: string; endsOn: string; councilId: string | null }>(
      `SELECT tenant_id AS "tenantId", starts_on::text AS "startsOn", ends_on::text AS "endsOn", council_id AS "councilId"
       FROM contracts WHERE id = $1 FOR UPDATE`,
      [id],
    );
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    return row;
  }

  private today(): string {
    return jstDayOf(this.clock.now());
  }
}
