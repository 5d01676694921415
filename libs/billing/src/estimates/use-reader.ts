import { Injectable } from '@nestjs/common';
import type { TenantTransaction, Transaction } from '#libs/database';
import { DomainError, type TenantId, jstDayRange } from '#libs/kernel';
import type { MeteredUsage } from '#libs/metering';
import type { DayUse } from './forecast-use.ts';

/** Use of a span of days by what a budget request names. */
export interface UsePart extends MeteredUsage {
  readonly departmentId: string | null;
  readonly department: string | null;
  readonly purpose: string | null;
  readonly model: string;
}

export const tokensOf = (part: MeteredUsage): number =>
  part.inputTokens + part.outputTokens + part.cacheReadTokens + part.cacheWriteTokens;

const TOKENS = 'u.input_tokens + u.output_tokens + u.cache_read_tokens + u.cache_write_tokens';

/** Reads a city's use, for the city itself or for the vendor's finance: the same figures for both. Days are JST, inclusive. */
@Injectable()
export class UseReader {
  daily(tx: Transaction, tenantId: TenantId, from: string, to: string): Promise<DayUse[]> {
    const { start, end } = jstDayRange(from, to);
    return tx.query<DayUse>(
      `SELECT to_char(u.accepted_at AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD') AS day, sum(${TOKENS})::float8 AS tokens
       FROM usage_records u WHERE u.tenant_id = $1 AND u.accepted_at >= $2 AND u.accepted_at < $3 GROUP BY 1 ORDER BY 1`,
      [tenantId, start, end],
    );
  }

  parts(tx: Transaction, tenantId: TenantId, from: string, to: string): Promise<UsePart[]> {
    const { start, end } = jstDayRange(from, to);
    return tx.query<UsePart>(
      `SELECT u.department_id AS "departmentId", d.name AS department, p.name AS purpose, u.model,
         sum(u.input_tokens)::float8 AS "inputTokens", sum(u.output_tokens)::float8 AS "outputTokens",
         sum(u.cache_read_tokens)::float8 AS "cacheReadTokens", sum(u.cache_write_tokens)::float8 AS "cacheWriteTokens",
         sum(u.input_characters)::float8 AS "inputCharacters", sum(u.output_characters)::float8 AS "outputCharacters"
       FROM usage_records u
       LEFT JOIN departments d ON d.tenant_id = u.tenant_id AND d.id = u.department_id
       LEFT JOIN purposes p ON p.tenant_id = u.tenant_id AND p.id = u.purpose_id
       WHERE u.tenant_id = $1 AND u.accepted_at >= $2 AND u.accepted_at < $3
       GROUP BY u.department_id, d.code, d.name, p.id, p.name, u.model ORDER BY d.code, p.name, u.model`,
      [tenantId, start, end],
    );
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async city(tx: Transaction, tenantId: TenantId): Promise<{ readonly code: string; readonly name: string }> {
    const [city] = await tx.query<{ code: string; name: string }>('SELECT code, name FROM tenants WHERE id = $1', [
      tenantId,
    ]);
    if (!city) throw new DomainError('REQUEST.NOT_FOUND');
    return city;
  }

  /** Names by id. */
  async departments(tx: Transaction, tenantId: TenantId): Promise<ReadonlyMap<string, string>> {
    const rows = await tx.query<{ id: string; name: string }>('SELECT id, name FROM departments WHERE tenant_id = $1', [
      tenantId,
    ]);
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  /** How many members used anything. For the city alone: the vendor does not look at members. */
  async users(tx: TenantTransaction, from: string, to: string): Promise<number> {
    const { start, end } = jstDayRange(from, to);
    const [row] = await tx.query<{ users: number }>(
      `SELECT count(DISTINCT member_id)::integer AS users FROM usage_records WHERE accepted_at >= $1 AND accepted_at < $2`,
      [start, end],
    );
    return row!.users;
  }
}
