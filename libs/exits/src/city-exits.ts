import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { type CrossTenantTransaction, type Transaction, refusedWith } from '#libs/database';
import { Clock, DomainError, type TenantId, VENDOR_TENANT_ID, jstDayOf, newId } from '#libs/kernel';
import { type CityExit, EXIT_COLUMNS, deleteFromOf } from './city-exit.ts';
import type { Finding } from './removal/scan.ts';

type Vendor = AuditActor & { readonly id: string };

/** An exit as the vendor sees it: how far it is, and what stopped it. */
export interface CityExitRecord extends CityExit {
  readonly city: { readonly id: TenantId; readonly code: string; readonly name: string };
  readonly phase: string | null;
  readonly done: number;
  readonly total: number;
  readonly fault: string | null;
  /** What the scan found where nothing should be, and what was judged of it. */
  readonly findings: readonly (Finding & { readonly judgement: FindingJudgement | null })[];
  readonly deletedAt: Date | null;
  readonly exports: readonly {
    readonly segment: string;
    readonly state: string;
    readonly done: number;
    readonly total: number;
  }[];
}

/** That a finding is not of the city. Instants ISO 8601. */
export interface FindingJudgement {
  readonly id: string;
  readonly reason: string;
  readonly judgedBy: { readonly id: string; readonly name: string };
  readonly judgedAt: string;
  /** Null: another person is still to agree. */
  readonly confirmedAt: string | null;
}

/** The longest a contract may say; for a city that never had one. */
const DEFAULT_WAITING_DAYS = 90;
const UNIQUE_VIOLATION = '23505';

const RECORD = `
  SELECT ${EXIT_COLUMNS}, json_build_object('id', t.id, 'code', t.code, 'name', t.name) AS city, e.phase,
    e.done::float8 AS done, e.total::float8 AS total, e.fault,
    (SELECT coalesce(json_agg(f.finding || jsonb_build_object('judgement', (
         SELECT jsonb_build_object('id', j.id, 'reason', j.reason, 'judgedAt', j.judged_at, 'confirmedAt', j.confirmed_at,
           'judgedBy', jsonb_build_object('id', u.id, 'name', u.display_name))
         FROM exit_judgements j JOIN vendor_users u ON u.id = j.judged_by
         WHERE j.tenant_id = e.tenant_id AND j.exit_id = e.id AND j.place = f.finding->>'place'
           AND j.column_name = f.finding->>'column' AND encode(j.texts_sha256, 'hex') = f.finding->>'textsSha256'))
       ORDER BY f.place), '[]') FROM jsonb_array_elements(e.findings) WITH ORDINALITY AS f (finding, place)) AS findings,
    e.deleted_at AS "deletedAt",
    (SELECT coalesce(json_agg(json_build_object('segment', x.segment, 'state', x.state, 'done', x.done, 'total', x.total)
       ORDER BY x.segment), '[]') FROM data_exports x WHERE x.tenant_id = e.tenant_id AND x.exit_id = e.id) AS exports
  FROM city_exits e JOIN tenants t ON t.id = e.tenant_id`;

/** The vendor's side of a city that leaves. Works with the ops role. */
@Injectable()
export class CityExits {
  constructor(
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Newest first, of one city or of all. @param before id of the last one of the page before @param open neither over nor withdrawn */
  list(
    tx: Transaction,
    {
      before,
      limit,
      cityId,
      open,
    }: { before: string | null; limit: number; cityId?: string | undefined; open: boolean },
  ): Promise<CityExitRecord[]> {
    return tx.query<CityExitRecord>(
      `${RECORD} WHERE ($1::uuid IS NULL OR e.id < $1) AND ($3::uuid IS NULL OR e.tenant_id = $3)
         AND NOT ($4 AND e.state IN ('deleted', 'withdrawn'))
       ORDER BY e.id DESC LIMIT $2`,
      [before, limit, cityId ?? null, open],
    );
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: Transaction, id: string): Promise<CityExitRecord> {
    const [exit] = await tx.query<CityExitRecord>(`${RECORD} WHERE e.id = $1`, [id]);
    if (!exit) throw new DomainError('REQUEST.NOT_FOUND');
    return exit;
  }

  /**
   * Proposes to the city that it leaves. Nothing changes for it before its administrator agrees.
   * @throws DomainError REQUEST.NOT_FOUND (the city), EXITS.ALREADY_LEAVING
   */
  async plan(
    tx: CrossTenantTransaction,
    actor: Vendor,
    { cityId, reason }: { cityId: string; reason: string },
    id: string = newId(),
  ): Promise<CityExitRecord> {
    const [earlier] = await tx.query('SELECT 1 FROM city_exits WHERE id = $1', [id]);
    if (earlier) return this.get(tx, id);
    const [city] = await tx.query(`SELECT 1 FROM tenants WHERE id = $1 AND status IN ('active', 'suspended')`, [
      cityId,
    ]);
    if (!city) throw new DomainError('REQUEST.NOT_FOUND');
    await tx
      .query(
        `INSERT INTO city_exits (tenant_id, id, reason, contract_ends_on, waiting_days, planned_by, planned_at)
         SELECT $1, $2, $3, c.ends_on, coalesce(c.deletion_days, $4), $5, $6
         FROM (SELECT 1) one LEFT JOIN LATERAL (
           SELECT ends_on, deletion_days FROM contracts WHERE tenant_id = $1 ORDER BY ends_on DESC LIMIT 1) c ON true`,
        [cityId, id, reason, DEFAULT_WAITING_DAYS, actor.id, this.clock.now()],
      )
      .catch((error: unknown) => {
        if (refusedWith(error, UNIQUE_VIOLATION)) throw new DomainError('EXITS.ALREADY_LEAVING');
        throw error;
      });
    return this.record(tx, actor, id, 'exit.planned');
  }

  /** From here on nothing is created in the city. @throws DomainError REQUEST.NOT_FOUND, EXITS.STEP_NOT_POSSIBLE, EXITS.NOT_AGREED */
  async freeze(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<CityExitRecord> {
    const { city, agreedAt } = await this.get(tx, id);
    if (!agreedAt) throw new DomainError('EXITS.NOT_AGREED');
    await this.step(
      tx,
      id,
      ['planned'],
      `state = 'frozen', frozen_by = $3, frozen_at = $4, touched_at = $4, deliveries = 1`,
      [actor.id, this.clock.now()],
    );
    await this.setStatus(tx, city.id, 'frozen');
    return this.record(tx, actor, id, 'exit.frozen');
  }

  /** The vendor says that the city has its data though it did not say so itself, and how. @throws DomainError as {@link freeze} */
  async handOver(tx: CrossTenantTransaction, actor: Vendor, id: string, note: string): Promise<CityExitRecord> {
    const now = this.clock.now();
    const deleteFrom = deleteFromOf(await this.get(tx, id), jstDayOf(now));
    await this.step(
      tx,
      id,
      ['exported'],
      `state = 'waiting', handed_over_at = $3, handed_over_note = $4, delete_from = $5`,
      [now, note, deleteFrom],
    );
    return this.record(tx, actor, id, 'exit.handed-over');
  }

  /** Until the deletion begins. The city goes on as before. @throws DomainError REQUEST.NOT_FOUND, EXITS.STEP_NOT_POSSIBLE */
  async withdraw(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<CityExitRecord> {
    const { city, frozenAt } = await this.get(tx, id);
    await this.step(
      tx,
      id,
      ['planned', 'frozen', 'exported', 'waiting'],
      `state = 'withdrawn', withdrawn_by = $3, withdrawn_at = $4`,
      [actor.id, this.clock.now()],
    );
    if (frozenAt) await this.setStatus(tx, city.id, 'active');
    return this.record(tx, actor, id, 'exit.withdrawn');
  }

  /**
   * Begins the deletion, or sets one going again that something stopped. There is no way back from here.
   * @param confirmation the city's name, as it is typed
   * @throws DomainError REQUEST.NOT_FOUND, EXITS.NAME_MISMATCH, EXITS.TOO_EARLY, EXITS.NOT_BILLED,
   *   EXITS.STEP_NOT_POSSIBLE
   */
  async startDeletion(
    tx: CrossTenantTransaction,
    actor: Vendor,
    id: string,
    confirmation: string,
  ): Promise<CityExitRecord> {
    const { city, state, deleteFrom } = await this.get(tx, id);
    if (confirmation.trim().normalize('NFKC') !== city.name.trim().normalize('NFKC'))
      throw new DomainError('EXITS.NAME_MISMATCH');
    const now = this.clock.now();
    if (state === 'deleting') {
      await this.step(tx, id, ['deleting'], 'fault = NULL, touched_at = $3, deliveries = deliveries + 1', [now]);
      return this.record(tx, actor, id, 'exit.deletion-resumed');
    }
    if (state === 'waiting' && jstDayOf(now) < deleteFrom!) throw new DomainError('EXITS.TOO_EARLY');
    if (state === 'waiting') await this.demandBilled(tx, city.id);
    await this.step(
      tx,
      id,
      ['waiting'],
      `state = 'deleting', phase = 'queues', fault = NULL, deletion_by = $3, deletion_started_at = $4, touched_at = $4,
       deliveries = deliveries + 1`,
      [actor.id, now],
    );
    // Nobody signs in any more: what is removed is not made again.
    await this.setStatus(tx, city.id, 'deleted');
    return this.record(tx, actor, id, 'exit.deletion-started');
  }

  /** Usage and drafts go with the city: what they are worth has to stand on invoices that stay. */
  private async demandBilled(tx: CrossTenantTransaction, cityId: TenantId): Promise<void> {
    await tx.actOn(cityId);
    const left = await tx.query<{ kind: 'usage' | 'invoice'; month: string }>(
      `SELECT kind, to_char(month, 'YYYY-MM') AS month FROM city_unbilled()`,
    );
    if (left.length === 0) return;
    const monthsOf = (wanted: string) => left.flatMap(({ kind, month }) => (kind === wanted ? [month] : []));
    const [open, unnumbered] = [monthsOf('usage'), monthsOf('invoice')];
    throw new DomainError('EXITS.NOT_BILLED', {
      detail: [
        ...(open.length > 0 ? [`利用があり、締めていない月：${open.join('、')}。`] : []),
        ...(unnumbered.length > 0 ? [`発行していない請求書・返還請求書の月：${unnumbered.join('、')}。`] : []),
        '経理担当者が月を締め、請求書を発行してから削除してください。',
      ].join(''),
    });
  }

  /** The certificate as it was issued. @throws DomainError REQUEST.NOT_FOUND */
  async certificate(tx: Transaction, id: string): Promise<{ readonly document: string; readonly sha256: string }> {
    const [found] = await tx.query<{ document: string; sha256: string }>(
      `SELECT document, encode(sha256, 'hex') AS sha256 FROM exit_certificates WHERE exit_id = $1`,
      [id],
    );
    if (!found) throw new DomainError('REQUEST.NOT_FOUND');
    return found;
  }

  private async step(
    tx: Transaction,
    id: string,
    from: readonly string[],
    set: string,
    values: unknown[],
  ): Promise<void> {
    const changed = await tx.query(`UPDATE city_exits SET ${set} WHERE id = $1 AND state = ANY ($2) RETURNING id`, [
      id,
      from,
      ...values,
    ]);
    if (changed.length === 0) throw new DomainError('EXITS.STEP_NOT_POSSIBLE');
  }

  private setStatus(tx: Transaction, cityId: TenantId, status: 'active' | 'frozen' | 'deleted'): Promise<unknown> {
    return tx.query('UPDATE tenants SET status = $2, updated_at = $3 WHERE id = $1', [
      cityId,
      status,
      this.clock.now(),
    ]);
  }

  /** What the vendor does to a city stands in both chains; that of a city that is being removed is written no more. */
  private async record(tx: CrossTenantTransaction, actor: Vendor, id: string, action: string): Promise<CityExitRecord> {
    const exit = await this.get(tx, id);
    const { city, state, deleteFrom } = exit;
    const chains = state === 'deleting' ? [VENDOR_TENANT_ID] : [city.id, VENDOR_TENANT_ID];
    for (const chain of chains) {
      await tx.actOn(chain);
      await this.audit.append(tx, {
        action,
        actor,
        subject: { type: 'city', id: city.id },
        details: { exitId: id, code: city.code, state, deleteFrom },
      });
    }
    return exit;
  }
}
