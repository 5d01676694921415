import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AuditTrail } from '#libs/audit';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { TOP_UP_STATES, TopUpDesk, type TopUpRequest } from '#libs/metering';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { limitTokens } from '../../http/budget-schemas.ts';
import { idParams, instant, instantOrNull, monthSchema } from '../../http/wire.ts';
import { ManagedDepartments } from '../people/managed-departments.ts';

const words = z.string().trim().min(1).max(500);

const topUpRequest = z
  .object({
    id: z.uuid(),
    departmentId: z.uuid(),
    departmentName: z.string(),
    month: monthSchema,
    tokens: z.int(),
    reason: z.string(),
    requestedById: z.uuid(),
    requestedBy: z.string(),
    requestedAt: z.string(),
    state: z.enum(TOP_UP_STATES),
    decidedBy: z.string().nullable(),
    decidedAt: z.string().nullable(),
    decisionNote: z.string().nullable(),
    limitBefore: z.int().nullable(),
    limitAfter: z.int().nullable(),
  })
  .meta({ id: 'TopUpRequest' });
const topUpList = z.object({ items: z.array(topUpRequest) }).meta({ id: 'TopUpRequestList' });
const newTopUp = z
  .strictObject({ month: monthSchema, tokens: limitTokens.min(1), reason: words })
  .meta({ id: 'NewTopUpRequest' });
const approval = z.strictObject({ note: words.optional() }).meta({ id: 'TopUpApproval' });
const refusal = z.strictObject({ note: words }).meta({ id: 'TopUpRefusal' });

/** A department asks for more tokens in a month; the city's administrator decides. */
@ApiTags('top-up-requests')
@Controller('api/v1/top-up-requests')
export class TopUpRequestsController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly desk: TopUpDesk,
    private readonly managed: ManagedDepartments,
    private readonly audit: AuditTrail,
  ) {}

  /** Newest first, the latest 200; a manager sees those of the managed departments. */
  @Get()
  @RequirePermission('budget:read')
  @ApiOkResponse({ standardSchema: topUpList })
  list(@CurrentActor() actor: MemberActor): Promise<z.infer<typeof topUpList>> {
    return this.database.run(actor.scope, async (tx) => ({
      items: (await this.desk.list(tx, await this.managed.visibleTo(tx, actor))).map(present),
    }));
  }

  /** For the own department. */
  @Post()
  @RequirePermission('top-up:request')
  @ApiCreatedResponse({ standardSchema: topUpRequest })
  request(
    @CurrentActor() actor: MemberActor,
    @Body({ schema: newTopUp }) body: z.infer<typeof newTopUp>,
  ): Promise<z.infer<typeof topUpRequest>> {
    const departmentId = actor.department?.id;
    if (!departmentId) throw new DomainError('METERING.NO_OWN_LIMIT');
    return this.database.run(actor.scope, async (tx) => {
      const request = await this.desk.request(tx, { ...body, departmentId, requestedBy: actor.id });
      await this.record(tx, actor, request, 'budget.top-up-requested');
      return present(request);
    });
  }

  @Post(':id/approve')
  @HttpCode(200)
  @RequirePermission('top-up:decide')
  @ApiOkResponse({ standardSchema: topUpRequest })
  approve(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: approval }) { note }: z.infer<typeof approval>,
  ): Promise<z.infer<typeof topUpRequest>> {
    return this.decide(actor, id, true, note ?? null);
  }

  @Post(':id/decline')
  @HttpCode(200)
  @RequirePermission('top-up:decide')
  @ApiOkResponse({ standardSchema: topUpRequest })
  decline(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: refusal }) { note }: z.infer<typeof refusal>,
  ): Promise<z.infer<typeof topUpRequest>> {
    return this.decide(actor, id, false, note);
  }

  private decide(
    actor: MemberActor,
    id: string,
    approved: boolean,
    note: string | null,
  ): Promise<z.infer<typeof topUpRequest>> {
    return this.database.run(actor.scope, async (tx) => {
      const request = await this.desk.decide(tx, { id, decidedBy: actor.id, approved, note });
      await this.record(tx, actor, request, approved ? 'budget.top-up-approved' : 'budget.top-up-declined');
      return present(request);
    });
  }

  private record(
    tx: Parameters<AuditTrail['append']>[0],
    actor: MemberActor,
    { id, departmentId, month, tokens, limitBefore, limitAfter }: TopUpRequest,
    action: string,
  ): Promise<unknown> {
    return this.audit.append(tx, {
      action,
      actor,
      segment: actor.scope.segment,
      subject: { type: 'top-up-request', id },
      details: { department: departmentId, month, tokens, limitBefore, limitTokens: limitAfter },
    });
  }
}

const present = (request: TopUpRequest): z.infer<typeof topUpRequest> => ({
  ...request,
  requestedAt: instant(request.requestedAt),
  decidedAt: instantOrNull(request.decidedAt),
});
