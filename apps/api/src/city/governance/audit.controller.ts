import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type AuditEntry, AuditReader } from '#libs/audit';
import { TenantDatabase, type TenantTransaction } from '#libs/database';
import { ApiKeyRegistry, type MemberActor, MemberDirectory } from '#libs/identity';
import { jstDayRange } from '#libs/kernel';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { daySchema, instant, instantSchema, pageOf, pageQuery, segmentSchema } from '../../http/wire.ts';

const auditEntry = z
  .object({
    sequence: z.int(),
    occurredAt: instantSchema,
    actor: z.object({ type: z.string(), id: z.string().nullable(), label: z.string().nullable() }),
    action: z.string(),
    subject: z.object({ type: z.string(), id: z.string() }).nullable(),
    segment: segmentSchema.nullable(),
    outcome: z.enum(['success', 'refused', 'failed']),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .meta({ id: 'AuditEntry' });

const auditPage = pageOf('AuditEntryPage', auditEntry);

const auditQuery = pageQuery.extend({
  action: z
    .string()
    .regex(/^[a-z.-]{1,64}$/)
    .optional(),
  /** JST days, both included. */
  from: daySchema.optional(),
  to: daySchema.optional(),
});

/** The vendor's people have no names for a city: who did it is for the vendor to answer, by the id. */
const LABELS: Partial<Record<AuditEntry['actor']['type'], string>> = {
  vendor: '運営事業者',
  system: 'システム',
  anonymous: '未サインイン',
};

/** The city's audit trail, of all its networks. */
@ApiTags('audit')
@Controller('api/v1/audit-entries')
export class AuditController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly reader: AuditReader,
    private readonly members: MemberDirectory,
    private readonly apiKeys: ApiKeyRegistry,
  ) {}

  /** Newest first. */
  @Get()
  @RequirePermission('audit:read')
  @ApiOkResponse({ standardSchema: auditPage })
  list(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: auditQuery }) { from, to, ...query }: z.infer<typeof auditQuery>,
  ): Promise<z.infer<typeof auditPage>> {
    return this.database.run(actor.scope, async (tx) => {
      const page = await this.reader.list(tx, {
        ...query,
        from: from === undefined ? undefined : jstDayRange(from, from).start,
        to: to === undefined ? undefined : jstDayRange(to, to).end,
      });
      const labels = await this.labelsFor(tx, page.items);
      return {
        items: page.items.map((entry) => ({
          ...entry,
          occurredAt: instant(entry.occurredAt),
          actor: { ...entry.actor, label: labels.get(entry.actor.id ?? '') ?? LABELS[entry.actor.type] ?? null },
        })),
        nextCursor: page.nextCursor,
      };
    });
  }

  private async labelsFor(tx: TenantTransaction, entries: readonly AuditEntry[]): Promise<Map<string, string>> {
    const idsOf = (type: string) => [
      ...new Set(entries.flatMap(({ actor }) => (actor.type === type && actor.id ? [actor.id] : []))),
    ];
    const [members, keys] = [
      await this.members.namesOf(tx, idsOf('member')),
      await this.apiKeys.namesOf(tx, idsOf('api_key')),
    ];
    return new Map([...members, ...keys]);
  }
}
