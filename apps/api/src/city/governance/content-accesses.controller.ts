import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type AuditEntry, AuditReader } from '#libs/audit';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { type CityContentAccess, ContentAccessDecisions } from '#libs/jobs';
import { Clock } from '#libs/kernel';
import { Signals } from '#libs/queue';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission, RequireStepUp } from '../../access/permission.ts';
import { contentAccess, presentContentAccess } from '../../http/content-access-schemas.ts';
import { idParams, instant, instantSchema, pageFrom, pageOf, pageQuery, readIdCursor } from '../../http/wire.ts';

const words = z.string().trim().min(1).max(500);

const cityAccess = contentAccess
  .extend({ decidedBy: z.string().nullable(), endedByName: z.string().nullable() })
  .meta({ id: 'ContentAccess' });
const accessPage = pageOf('ContentAccessPage', cityAccess);
const approval = z.strictObject({ note: words.optional() }).meta({ id: 'ContentAccessApproval' });
const refusal = z.strictObject({ note: words }).meta({ id: 'ContentAccessRefusal' });

const readings = z
  .object({
    items: z.array(
      z
        .object({
          /** Position in the city's audit chain. */
          sequence: z.int(),
          at: instantSchema,
          /** `listed`: jobs without their words; `conversation` and `job`: words. */
          kind: z.enum(['listed', 'conversation', 'job']),
          subjectId: z.string().nullable(),
          jobs: z.int(),
        })
        .meta({ id: 'ContentReading' }),
    ),
  })
  .meta({ id: 'ContentReadings' });

/** Accesses of the vendor's people to what this city wrote (内容閲覧): let, refused, watched and ended by the city. */
@ApiTags('content-accesses')
@Controller('api/v1/content-accesses')
export class CityContentAccessesController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly decisions: ContentAccessDecisions,
    private readonly trail: AuditReader,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  /** Newest first, of all networks of the city. */
  @Get()
  @RequirePermission('content-access:read')
  @ApiOkResponse({ standardSchema: accessPage })
  async list(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: pageQuery }) { cursor, limit }: z.infer<typeof pageQuery>,
  ): Promise<z.infer<typeof accessPage>> {
    const before = readIdCursor(cursor);
    const rows = await this.database.run(actor.scope, (tx) => this.decisions.list(tx, { before, limit: limit + 1 }));
    return pageFrom(rows, limit, { after: ({ id }) => id, present: (row) => this.present(row) });
  }

  /** What was read under it, as the city's audit trail has it: newest first, the latest 200. */
  @Get(':id/readings')
  @RequirePermission('content-access:read')
  @ApiOkResponse({ standardSchema: readings })
  readings(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof readings>> {
    return this.database.run(actor.scope, async (tx) => {
      await this.decisions.get(tx, id);
      const entries = await this.trail.ofContentAccess(tx, id);
      return { items: entries.filter(isReading).map(toReading) };
    });
  }

  /** From now on the one who asked may read, for the minutes asked for. */
  @Post(':id/approve')
  @RequireStepUp()
  @HttpCode(200)
  @RequirePermission('content-access:decide')
  @ApiOkResponse({ standardSchema: cityAccess })
  approve(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: approval }) { note }: z.infer<typeof approval>,
  ): Promise<z.infer<typeof cityAccess>> {
    return this.decide(actor, id, true, note ?? null);
  }

  @Post(':id/refuse')
  @HttpCode(200)
  @RequirePermission('content-access:decide')
  @ApiOkResponse({ standardSchema: cityAccess })
  refuse(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: refusal }) { note }: z.infer<typeof refusal>,
  ): Promise<z.infer<typeof cityAccess>> {
    return this.decide(actor, id, false, note);
  }

  /** Ends it at once, also what is being read at this moment. */
  @Post(':id/end')
  @HttpCode(200)
  @RequirePermission('content-access:decide')
  @ApiOkResponse({ standardSchema: cityAccess })
  async end(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof cityAccess>> {
    const access = await this.database.run(actor.scope, (tx) => this.decisions.end(tx, actor, id));
    this.signals.publish({ kind: 'content-access.changed', accessId: id });
    return this.present(access);
  }

  private async decide(
    actor: MemberActor,
    id: string,
    approved: boolean,
    note: string | null,
  ): Promise<z.infer<typeof cityAccess>> {
    const access = await this.database.run(actor.scope, (tx) =>
      this.decisions.decide(tx, actor, id, { approved, note }),
    );
    return this.present(access);
  }

  private present(access: CityContentAccess): z.infer<typeof cityAccess> {
    const { decidedBy, endedByName } = access;
    return { ...presentContentAccess(access, this.clock.now()), decidedBy, endedByName };
  }
}

const isReading = ({ action }: AuditEntry): boolean =>
  action === 'content-access.listed' || action === 'content-access.read';

const toReading = ({ sequence, occurredAt, details }: AuditEntry): z.infer<typeof readings>['items'][number] => ({
  sequence,
  at: instant(occurredAt),
  kind: details['kind'] === 'job' || details['kind'] === 'conversation' ? details['kind'] : 'listed',
  subjectId: typeof details['id'] === 'string' ? details['id'] : null,
  jobs: Number(details['jobs']),
});
