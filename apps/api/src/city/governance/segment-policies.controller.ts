import { Body, Controller, Get, Param, Patch, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { TenantDatabase, type TenantScope } from '#libs/database';
import { CityAccess, type MemberActor } from '#libs/identity';
import { RetentionSweeper } from '#libs/jobs';
import { DomainError } from '#libs/kernel';
import { ModelPool } from '#libs/model-pool';
import { AddressRanges, SegmentPolicies, type SegmentPolicy } from '#libs/tenancy';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission, RequireStepUp } from '../../access/permission.ts';
import type { ApiRequest } from '../../http/api-request.ts';
import { demandModels } from '../../http/demand-models.ts';
import {
  changeSegmentPolicy,
  presentPolicy,
  presentWithModels,
  retentionDaysSchema,
  segmentParams,
  segmentPolicy,
  segmentPolicyWithModels,
} from '../../http/segment-policy-schemas.ts';
import { segmentSchema } from '../../http/wire.ts';

type Segment = z.infer<typeof segmentParams>;

const segmentPolicyList = z
  .object({
    items: z.array(segmentPolicyWithModels),
    /** Where the caller works from: what a change must not shut out. */
    here: z.object({ segment: segmentSchema, address: z.string() }),
  })
  .meta({ id: 'SegmentPolicyList' });

const erasureQuery = z.strictObject({ retentionDays: z.coerce.number().pipe(retentionDaysSchema) });
const erasureForecast = z
  .object({ questions: z.int(), conversations: z.int(), batches: z.int() })
  .meta({ id: 'ErasureForecast' });

/** What each network of the city lets its people do. */
@ApiTags('segment-policies')
@Controller('api/v1/segment-policies')
export class SegmentPoliciesController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly policies: SegmentPolicies,
    private readonly pool: ModelPool,
    private readonly retention: RetentionSweeper,
    private readonly access: CityAccess,
  ) {}

  @Get()
  @RequirePermission('segment:read')
  @ApiOkResponse({ standardSchema: segmentPolicyList })
  async list(
    @CurrentActor() { scope }: MemberActor,
    @Req() { network }: ApiRequest,
  ): Promise<z.infer<typeof segmentPolicyList>> {
    const policies = await this.database.run(scope, (tx) => this.policies.list(tx));
    return {
      items: policies.map((policy) => presentWithModels(this.pool, policy)),
      here: { segment: scope.segment, address: network!.address },
    };
  }

  /** Takes effect at the next request of whoever is signed in there; their open streams end and resume under it. */
  @Patch(':segment')
  @RequirePermission('segment:write')
  @RequireStepUp()
  @ApiOkResponse({ standardSchema: segmentPolicy })
  async change(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: segmentParams }) { segment }: Segment,
    @Body({ schema: changeSegmentPolicy }) change: z.infer<typeof changeSegmentPolicy>,
    @Req() { network }: ApiRequest,
  ): Promise<z.infer<typeof segmentPolicy>> {
    demandModels(this.pool, segment, change.models);
    const changed = await this.database.run(actor.scope, async (tx) => {
      const policy = await this.policies.change(tx, actor, segment, change);
      demandWayIn(policy, actor.scope, network!.address);
      return policy;
    });
    this.access.changed(actor.scope.tenantId);
    return presentPolicy(changed);
  }

  /** What a shorter retention would erase for good the next time the worker looks. */
  @Get(':segment/erasures')
  @RequirePermission('segment:read')
  @ApiOkResponse({ standardSchema: erasureForecast })
  erasures(
    @CurrentActor() { scope: { tenantId } }: MemberActor,
    @Param({ schema: segmentParams }) { segment }: Segment,
    @Query({ schema: erasureQuery }) { retentionDays }: z.infer<typeof erasureQuery>,
  ): Promise<z.infer<typeof erasureForecast>> {
    return this.retention.forecast({ tenantId, segment }, retentionDays);
  }
}

/** Nobody shuts themselves out. @throws DomainError TENANCY.OWN_ADDRESS_LEFT_OUT */
function demandWayIn(policy: SegmentPolicy, { segment }: TenantScope, address: string): void {
  if (policy.segment !== segment) return;
  if (policy.open && new AddressRanges(policy.addressRanges).admit(address)) return;
  throw new DomainError('TENANCY.OWN_ADDRESS_LEFT_OUT', {
    detail: `いま操作している端末のIPアドレスは ${address} です。このアドレスを含む範囲を加えてください。`,
  });
}
