import { Injectable } from '@nestjs/common';
import { type CrossTenantTransaction, refusedWith } from '#libs/database';
import { Clock, DomainError, type TenantId, newId } from '#libs/kernel';
import type { Vendor } from '#libs/pricing';
import { ContractTrail } from './contract-trail.ts';
import { type Proposed, proposedColumns } from './decided.ts';
import type { CouncilSplit } from './split-council.ts';

export interface CouncilMember {
  readonly city: { readonly id: TenantId; readonly code: string; readonly name: string };
  /** Exact decimal. People where the fee is split by population, the agreed part where by weights. */
  readonly weight: string;
  readonly isApproved: boolean;
}

/** 協議会: cities that contract together for a fiscal year, each with a contract of its own. */
export interface Council extends Proposed {
  readonly id: string;
  readonly fiscalYear: number;
  readonly name: string;
  readonly monthlyBaseFeeJpy: number;
  readonly split: CouncilSplit;
  /** In order of municipality code. */
  readonly members: readonly CouncilMember[];
}

export interface NewCouncil {
  readonly fiscalYear: number;
  readonly name: string;
  readonly monthlyBaseFeeJpy: number;
  readonly split: CouncilSplit;
  readonly members: readonly NewCouncilMember[];
}

export interface NewCouncilMember {
  readonly cityId: string;
  readonly weight: string;
}

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';

const COUNCIL = `
  SELECT k.id, k.fiscal_year AS "fiscalYear", k.name, k.monthly_base_fee_jpy::float8 AS "monthlyBaseFeeJpy", k.split,
    ${proposedColumns('k')},
    coalesce((SELECT json_agg(json_build_object(
        'city', json_build_object('id', t.id, 'code', t.code, 'name', t.name),
        'weight', trim_scale(m.weight)::text, 'isApproved', m.approved_at IS NOT NULL) ORDER BY t.code)
      FROM council_members m JOIN tenants t ON t.id = m.tenant_id WHERE m.council_id = k.id), '[]') AS members
  FROM councils k`;

/** The councils. A council and each of its members count once another person than who proposed them approved them. */
@Injectable()
export class CouncilRegister {
  constructor(
    private readonly trail: ContractTrail,
    private readonly clock: Clock,
  ) {}

  list(tx: CrossTenantTransaction, fiscalYear: number): Promise<Council[]> {
    return tx.query<Council>(`${COUNCIL} WHERE k.fiscal_year = $1 ORDER BY k.name`, [fiscalYear]);
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: CrossTenantTransaction, id: string): Promise<Council> {
    const [council] = await tx.query<Council>(`${COUNCIL} WHERE k.id = $1`, [id]);
    if (!council) throw new DomainError('REQUEST.NOT_FOUND');
    return council;
  }

  /** @throws DomainError CONTRACTS.COUNCIL_NAME_TAKEN, REQUEST.INVALID (no such city) */
  async propose(tx: CrossTenantTransaction, actor: Vendor, council: NewCouncil): Promise<Council> {
    const id = newId();
    try {
      await tx.query(
        `INSERT INTO councils (id, fiscal_year, name, monthly_base_fee_jpy, split, proposed_by, proposed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [id, council.fiscalYear, council.name, council.monthlyBaseFeeJpy, council.split, actor.id, this.clock.now()],
      );
    } catch (error) {
      if (refusedWith(error, UNIQUE_VIOLATION)) throw new DomainError('CONTRACTS.COUNCIL_NAME_TAKEN');
      throw error;
    }
    await this.insertMembers(tx, actor, id, council.fiscalYear, council.members);
    return this.recorded(tx, actor, id, 'council.proposed');
  }

  /** One more city, from the next approval on. @throws DomainError REQUEST.NOT_FOUND, CONTRACTS.MEMBER_TAKEN, REQUEST.INVALID */
  async addMember(tx: CrossTenantTransaction, actor: Vendor, id: string, member: NewCouncilMember): Promise<Council> {
    const { fiscalYear } = await this.locked(tx, id);
    await this.insertMembers(tx, actor, id, fiscalYear, [member]);
    return this.recorded(tx, actor, id, 'council.member-proposed');
  }

  /**
   * Approves everything about it that waits, which another person must have proposed.
   * @throws DomainError REQUEST.NOT_FOUND, CONTRACTS.SAME_PERSON, CONTRACTS.ALREADY_DECIDED
   */
  async approve(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<Council> {
    await this.locked(tx, id);
    const waiting = await tx.query<{ proposedBy: string }>(
      `SELECT proposed_by AS "proposedBy" FROM councils WHERE id = $1 AND approved_at IS NULL
       UNION ALL SELECT proposed_by FROM council_members WHERE council_id = $1 AND approved_at IS NULL`,
      [id],
    );
    if (waiting.length === 0) throw new DomainError('CONTRACTS.ALREADY_DECIDED');
    if (waiting.some(({ proposedBy }) => proposedBy === actor.id)) throw new DomainError('CONTRACTS.SAME_PERSON');
    const now = this.clock.now();
    const approval = 'SET approved_by = $2, approved_at = $3 WHERE approved_at IS NULL AND';
    await tx.query(`UPDATE councils ${approval} id = $1`, [id, actor.id, now]);
    await tx.query(`UPDATE council_members ${approval} council_id = $1`, [id, actor.id, now]);
    return this.recorded(tx, actor, id, 'council.approved');
  }

  /**
   * Takes back what waits: the council as a whole while nobody approved it, later the members that wait.
   * @throws DomainError REQUEST.NOT_FOUND, CONTRACTS.ALREADY_DECIDED, CONTRACTS.COUNCIL_IN_USE
   */
  async withdraw(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<void> {
    const council = await this.locked(tx, id);
    try {
      const members = await tx.query(
        'DELETE FROM council_members WHERE council_id = $1 AND approved_at IS NULL RETURNING tenant_id',
        [id],
      );
      if (!council.approvedBy) await tx.query('DELETE FROM councils WHERE id = $1', [id]);
      else if (members.length === 0) throw new DomainError('CONTRACTS.ALREADY_DECIDED');
    } catch (error) {
      if (refusedWith(error, FOREIGN_KEY_VIOLATION)) throw new DomainError('CONTRACTS.COUNCIL_IN_USE');
      throw error;
    }
    await this.record(tx, actor, council, 'council.withdrawn');
  }

  private async insertMembers(
    tx: CrossTenantTransaction,
    actor: Vendor,
    id: string,
    fiscalYear: number,
    members: readonly NewCouncilMember[],
  ): Promise<void> {
    const added = await tx
      .query<{ cityId: string }>(
        `INSERT INTO council_members (tenant_id, council_id, fiscal_year, weight, proposed_by, proposed_at)
         SELECT t.id, $1, $2, m.weight, $3, $4
         FROM unnest($5::uuid[], $6::numeric[]) AS m (id, weight) JOIN tenants t ON t.id = m.id
         RETURNING tenant_id AS "cityId"`,
        [
          id,
          fiscalYear,
          actor.id,
          this.clock.now(),
          members.map(({ cityId }) => cityId),
          members.map(({ weight }) => weight),
        ],
      )
      .catch((error: unknown) => {
        if (refusedWith(error, UNIQUE_VIOLATION)) throw new DomainError('CONTRACTS.MEMBER_TAKEN');
        throw error;
      });
    const known = new Set(added.map(({ cityId }) => cityId));
    const unknown = members.findIndex(({ cityId }) => !known.has(cityId));
    if (unknown < 0) return;
    const pointer = `/members/${unknown}/cityId`;
    throw new DomainError('REQUEST.INVALID', { faults: [{ pointer, message: '登録のない団体です。' }] });
  }

  private async locked(tx: CrossTenantTransaction, id: string): Promise<Council> {
    await tx.query('SELECT FROM councils WHERE id = $1 FOR UPDATE', [id]);
    return this.get(tx, id);
  }

  private async recorded(tx: CrossTenantTransaction, actor: Vendor, id: string, action: string): Promise<Council> {
    const council = await this.get(tx, id);
    await this.record(tx, actor, council, action);
    return council;
  }

  private record(tx: CrossTenantTransaction, actor: Vendor, council: Council, action: string): Promise<void> {
    const { id, fiscalYear, monthlyBaseFeeJpy, split, members } = council;
    return this.trail.record(
      tx,
      members.map(({ city }) => city.id),
      {
        action,
        actor,
        subject: { type: 'council', id },
        details: { fiscalYear, monthlyBaseFeeJpy, split, members: members.length },
      },
    );
  }
}
