import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { ContentSeal, TenantDatabase, type TenantSeal, type TenantTransaction } from '#libs/database';
import { Clock, DomainError } from '#libs/kernel';
import { DepartmentTree } from '#libs/tenancy';
import { checkTemplate } from './template-check.ts';
import {
  type Audience,
  type NewTemplate,
  TEMPLATES_AT_MOST,
  type Template,
  type TemplateOwner,
  type TemplateUser,
  type TemplateWords,
  audienceOf,
  mayChange,
} from './template.ts';

interface TemplateRow extends TemplateOwner, Pick<Template, 'id' | 'departmentName' | 'handedOverFrom' | 'version'> {
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly titleSealed: Buffer;
  readonly bodySealed: Buffer;
  readonly noteSealed: Buffer | null;
}

export interface TemplatePage {
  readonly audience?: Audience | undefined;
  /** Part of the title. */
  readonly query?: string | undefined;
  /** The last one of the page before. */
  readonly before?: Pick<Template, 'createdAt' | 'id'> | undefined;
  readonly limit: number;
}

/** What who asks may see: $1 the city, $2 themselves, $3 whether all departments', $4 the departments they belong to. */
const SEEN = `
  SELECT t.id, t.member_id AS "memberId", t.department_id AS "departmentId", d.name AS "departmentName", t.version,
    f.display_name AS "handedOverFrom", t.created_at AS "createdAt", t.updated_at AS "updatedAt",
    t.title_sealed AS "titleSealed", t.body_sealed AS "bodySealed", t.note_sealed AS "noteSealed"
  FROM templates t
  LEFT JOIN departments d ON d.tenant_id = t.tenant_id AND d.id = t.department_id
  LEFT JOIN handovers h ON h.tenant_id = t.tenant_id AND h.id = t.handover_id
  LEFT JOIN members f ON f.tenant_id = h.tenant_id AND f.id = h.from_member
  WHERE t.tenant_id = $1
    AND (t.member_id = $2 OR (t.member_id IS NULL AND (t.department_id IS NULL OR $3 OR t.department_id = ANY ($4))))`;

const OF_AUDIENCE: Record<Audience, string> = {
  own: 'AND t.member_id IS NOT NULL',
  department: 'AND t.department_id IS NOT NULL',
  city: 'AND t.member_id IS NULL AND t.department_id IS NULL',
};

/** テンプレート: prompts that people keep for themselves, for a department or for the city, on one network. */
@Injectable()
export class Templates {
  constructor(
    private readonly database: TenantDatabase,
    private readonly contentSeal: ContentSeal,
    private readonly departments: DepartmentTree,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** The newest first. Titles are sealed, so a search opens those that who asks may see. */
  async list(user: TemplateUser, { audience, query, before, limit }: TemplatePage): Promise<Template[]> {
    const seal = await this.contentSeal.forTenant(user.scope);
    const wanted = query?.normalize('NFKC').toLowerCase();
    const rows = await this.database.run(user.scope, async (tx) =>
      tx.query<TemplateRow>(
        `${SEEN} ${audience ? OF_AUDIENCE[audience] : ''}
           AND ($5::timestamptz IS NULL OR (t.created_at, t.id) < ($5, $6::uuid))
         ORDER BY t.created_at DESC, t.id DESC LIMIT $7`,
        [...(await this.reachOf(tx, user)), before?.createdAt ?? null, before?.id ?? null, wanted ? null : limit],
      ),
    );
    const found = rows.map((row) => opened(seal, user, row));
    if (!wanted) return found;
    return found.filter(({ title }) => title.normalize('NFKC').toLowerCase().includes(wanted)).slice(0, limit);
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async read(user: TemplateUser, id: string): Promise<Template> {
    const seal = await this.contentSeal.forTenant(user.scope);
    return this.database.run(user.scope, async (tx) => opened(seal, user, await this.find(tx, user, id)));
  }

  /**
   * Made again under the same id it is the same. @throws DomainError TEMPLATES.TEXT_INVALID, TEMPLATES.NOT_ALLOWED,
   * TEMPLATES.TOO_MANY, GUARD.MY_NUMBER_FOUND, TENANCY.DEPARTMENT_UNKNOWN, REQUEST.IDEMPOTENCY_MISMATCH
   */
  async create(user: TemplateUser, { id, audience, departmentId, ...words }: NewTemplate): Promise<Template> {
    checkTemplate(user.scope.segment, words);
    const seal = await this.contentSeal.forTenant(user.scope);
    return this.database.run(user.scope, async (tx) => {
      const owner = await this.ownerFor(tx, user, audience, departmentId);
      await this.takeTurn(tx, owner);
      const [made] = await this.seen(tx, user, id);
      if (made) return same(opened(seal, user, made), words);
      await this.demandRoom(tx, owner, audience);
      await tx.query(
        `INSERT INTO templates (tenant_id, segment, id, member_id, department_id, title_sealed, body_sealed, note_sealed,
           created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`,
        [
          tx.scope.tenantId,
          tx.scope.segment,
          id,
          owner.memberId,
          owner.departmentId,
          ...sealed(seal, id, words),
          this.clock.now(),
        ],
      );
      const row = await this.find(tx, user, id);
      await this.record(tx, user, 'template.created', row);
      return opened(seal, user, row);
    });
  }

  /**
   * @param seen the version that was changed
   * @throws DomainError REQUEST.NOT_FOUND, TEMPLATES.CHANGED_MEANWHILE, TEMPLATES.TEXT_INVALID, TEMPLATES.NOT_ALLOWED,
   * GUARD.MY_NUMBER_FOUND
   */
  async change(user: TemplateUser, id: string, seen: number, words: TemplateWords): Promise<Template> {
    checkTemplate(user.scope.segment, words);
    const seal = await this.contentSeal.forTenant(user.scope);
    return this.database.run(user.scope, async (tx) => {
      const { version } = await this.changeable(tx, user, id);
      if (version !== seen) throw new DomainError('TEMPLATES.CHANGED_MEANWHILE');
      await tx.query(
        `UPDATE templates SET title_sealed = $3, body_sealed = $4, note_sealed = $5, updated_at = $6, version = version + 1
         WHERE tenant_id = $1 AND id = $2`,
        [tx.scope.tenantId, id, ...sealed(seal, id, words), this.clock.now()],
      );
      const row = await this.find(tx, user, id);
      await this.record(tx, user, 'template.changed', row);
      return opened(seal, user, row);
    });
  }

  /** For good. @throws DomainError REQUEST.NOT_FOUND, TEMPLATES.NOT_ALLOWED */
  async delete(user: TemplateUser, id: string): Promise<void> {
    await this.database.run(user.scope, async (tx) => {
      const row = await this.changeable(tx, user, id);
      await tx.query('DELETE FROM templates WHERE tenant_id = $1 AND id = $2', [tx.scope.tenantId, id]);
      await this.record(tx, user, 'template.deleted', row);
    });
  }

  /** Parameters 1 to 4 of what a member may see. */
  private async reachOf(tx: TenantTransaction, { id, role, department }: TemplateUser): Promise<unknown[]> {
    const above = department ? await this.departments.above(tx, department.id) : [];
    return [tx.scope.tenantId, id, role === 'admin', above];
  }

  private async seen(tx: TenantTransaction, user: TemplateUser, id: string, lock = ''): Promise<TemplateRow[]> {
    return tx.query<TemplateRow>(`${SEEN} AND t.id = $5 ${lock}`, [...(await this.reachOf(tx, user)), id]);
  }

  private async find(tx: TenantTransaction, user: TemplateUser, id: string, lock?: string): Promise<TemplateRow> {
    const [row] = await this.seen(tx, user, id, lock);
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    return row;
  }

  private async changeable(tx: TenantTransaction, user: TemplateUser, id: string): Promise<TemplateRow> {
    const row = await this.find(tx, user, id, 'FOR UPDATE OF t');
    if (!mayChange(user, row)) throw new DomainError('TEMPLATES.NOT_ALLOWED');
    return row;
  }

  private async ownerFor(
    tx: TenantTransaction,
    user: TemplateUser,
    audience: Audience,
    named: string | undefined,
  ): Promise<TemplateOwner> {
    if (audience === 'own') return { memberId: user.id, departmentId: null };
    const departmentId = audience === 'city' ? null : (named ?? user.department?.id);
    if (departmentId === undefined) throw new DomainError('TENANCY.DEPARTMENT_UNKNOWN');
    const owner = { memberId: null, departmentId };
    if (!mayChange(user, owner)) throw new DomainError('TEMPLATES.NOT_ALLOWED');
    await this.departments.assertKnown(tx, departmentId);
    return owner;
  }

  /** Whoever makes one more for the same owner at once would not be counted, nor found under the same key. */
  private async takeTurn(tx: TenantTransaction, { memberId, departmentId }: TemplateOwner): Promise<void> {
    const owner = memberId ?? departmentId ?? tx.scope.tenantId;
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('templates:' || $1, 0))`, [owner]);
  }

  private async demandRoom(tx: TenantTransaction, owner: TemplateOwner, audience: Audience): Promise<void> {
    const [held] = await tx.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM templates WHERE tenant_id = $1
         AND member_id IS NOT DISTINCT FROM $2 AND department_id IS NOT DISTINCT FROM $3`,
      [tx.scope.tenantId, owner.memberId, owner.departmentId],
    );
    if (held!.count >= TEMPLATES_AT_MOST[audience]) throw new DomainError('TEMPLATES.TOO_MANY');
  }

  private record(tx: TenantTransaction, { type, id }: TemplateUser, action: string, row: TemplateRow): Promise<void> {
    return this.audit.append(tx, {
      action,
      actor: { type, id },
      segment: tx.scope.segment,
      subject: { type: 'template', id: row.id },
      details: { audience: audienceOf(row), departmentId: row.departmentId },
    });
  }
}

const sealed = (seal: TenantSeal, rowId: string, { title, body, note }: TemplateWords): (Buffer | null)[] => [
  seal.seal({ rowId, column: 'title' }, title),
  seal.seal({ rowId, column: 'body' }, body),
  note === null ? null : seal.seal({ rowId, column: 'note' }, note),
];

function opened(seal: TenantSeal, user: TemplateUser, row: TemplateRow): Template {
  const { titleSealed, bodySealed, noteSealed, memberId, ...facts } = row;
  const open = (column: string, bytes: Buffer) => seal.open({ rowId: row.id, column }, bytes);
  return {
    ...facts,
    title: open('title', titleSealed),
    body: open('body', bodySealed),
    note: noteSealed && open('note', noteSealed),
    audience: audienceOf({ memberId, departmentId: row.departmentId }),
    canChange: mayChange(user, row),
  };
}

/** @throws DomainError REQUEST.IDEMPOTENCY_MISMATCH */
function same(made: Template, { title, body, note }: TemplateWords): Template {
  if (made.title !== title || made.body !== body || made.note !== note)
    throw new DomainError('REQUEST.IDEMPOTENCY_MISMATCH');
  return made;
}
