import { Injectable } from '@nestjs/common';
import type { AuditActor } from '#libs/audit';
import type { CrossTenantTransaction } from '#libs/database';
import { Clock, DomainError, idUnderKey, newId } from '#libs/kernel';

/** A city that is being taken on: what the operator has answered so far. It exists for nobody else yet. */
export interface OnboardingDraft {
  readonly id: string;
  readonly draft: Readonly<Record<string, unknown>>;
  readonly updatedAt: Date;
}

/** The contract a city asks for. It binds nobody: finance makes a contract of it, which two people agree to. */
export interface ContractWish {
  readonly planId: string;
  readonly startsOn: string;
  readonly endsOn: string;
  readonly billingName: string;
}

type Vendor = AuditActor & { readonly id: string };

const COLUMNS = 'id, draft, updated_at AS "updatedAt"';

/** Notes of the vendor's operators. Any of them goes on where another left off. Works with the ops role. */
@Injectable()
export class CityOnboardings {
  constructor(private readonly clock: Clock) {}

  /** Open ones, the last touched first. */
  list(tx: CrossTenantTransaction): Promise<OnboardingDraft[]> {
    return tx.query(`SELECT ${COLUMNS} FROM city_onboardings WHERE city_id IS NULL ORDER BY updated_at DESC LIMIT 100`);
  }

  /** @throws DomainError REQUEST.NOT_FOUND, also when its city is registered */
  async get(tx: CrossTenantTransaction, id: string, lock: '' | 'FOR UPDATE' = ''): Promise<OnboardingDraft> {
    const [row] = await tx.query<OnboardingDraft>(
      `SELECT ${COLUMNS} FROM city_onboardings WHERE id = $1 AND city_id IS NULL ${lock}`,
      [id],
    );
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    return row;
  }

  /** @param key begun again under the same key it is the same one */
  async begin(tx: CrossTenantTransaction, actor: Vendor, key?: string): Promise<string> {
    const id = key === undefined ? newId() : idUnderKey(actor.id, `city_onboardings ${key}`);
    await tx.query(
      `INSERT INTO city_onboardings (id, draft, started_by, created_at, updated_at) VALUES ($1, '{}', $2, $3, $3)
       ON CONFLICT (id) DO NOTHING`,
      [id, actor.id, this.clock.now()],
    );
    return id;
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async save(tx: CrossTenantTransaction, id: string, draft: OnboardingDraft['draft']): Promise<OnboardingDraft> {
    const [row] = await tx.query<OnboardingDraft>(
      `UPDATE city_onboardings SET draft = $2, updated_at = $3 WHERE id = $1 AND city_id IS NULL RETURNING ${COLUMNS}`,
      [id, draft, this.clock.now()],
    );
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    return row;
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async discard(tx: CrossTenantTransaction, id: string): Promise<void> {
    const rows = await tx.query('DELETE FROM city_onboardings WHERE id = $1 AND city_id IS NULL RETURNING id', [id]);
    if (rows.length === 0) throw new DomainError('REQUEST.NOT_FOUND');
  }

  /** The city is registered: what it wishes stays for finance, the person's name goes. @throws DomainError CONTRACTS.PLAN_UNKNOWN */
  async conclude(
    tx: CrossTenantTransaction,
    { id = newId(), cityId, wish }: { id?: string | undefined; cityId: string; wish: ContractWish | null },
  ): Promise<void> {
    if (wish) await this.assertPlan(tx, wish.planId);
    await tx.query(
      `INSERT INTO city_onboardings AS o (id, draft, wish, created_at, updated_at, city_id) VALUES ($1, '{}', $2, $3, $3, $4)
       ON CONFLICT (id) DO UPDATE SET draft = '{}', wish = $2, updated_at = $3, city_id = $4`,
      [id, wish, this.clock.now(), cityId],
    );
  }

  /** Plans on offer, by code. */
  plans(tx: CrossTenantTransaction): Promise<{ readonly id: string; readonly code: string; readonly name: string }[]> {
    return tx.query('SELECT id, code, name FROM plans WHERE retired_at IS NULL ORDER BY code');
  }

  private async assertPlan(tx: CrossTenantTransaction, planId: string): Promise<void> {
    const [plan] = await tx.query('SELECT id FROM plans WHERE id = $1 AND retired_at IS NULL', [planId]);
    if (!plan) throw new DomainError('CONTRACTS.PLAN_UNKNOWN');
  }
}
