import { Body, Controller, Get, Param, Patch } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { OpsDatabase } from '#libs/database';
import { CityAccess, type VendorActor } from '#libs/identity';
import { tenantId } from '#libs/kernel';
import { ModelPool } from '#libs/model-pool';
import { CityRegistry, SegmentPolicies, policyDetails } from '#libs/tenancy';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission, RequireStepUp } from '../access/permission.ts';
import { demandModels } from '../http/demand-models.ts';
import {
  changeSegmentPolicy,
  presentPolicy,
  presentWithModels,
  segmentPolicy,
  segmentPolicyWithModels,
} from '../http/segment-policy-schemas.ts';
import { idParams, segmentSchema } from '../http/wire.ts';

const cityPolicies = z.object({ items: z.array(segmentPolicyWithModels) }).meta({ id: 'CitySegmentPolicies' });
const policyParams = z.strictObject({ id: z.uuid(), segment: segmentSchema });

/** The networks of a city, for the vendor who takes it on or helps it. What is changed stands in both chains. */
@ApiTags('segment-policies')
@Controller('api/ops/v1/cities')
export class CitySegmentPoliciesController {
  constructor(
    private readonly database: OpsDatabase,
    private readonly cities: CityRegistry,
    private readonly policies: SegmentPolicies,
    private readonly pool: ModelPool,
    private readonly access: CityAccess,
  ) {}

  @Get(':id/segment-policies')
  @RequirePermission('city:read')
  @ApiOkResponse({ standardSchema: cityPolicies })
  async list(@Param({ schema: idParams }) { id }: z.infer<typeof idParams>): Promise<z.infer<typeof cityPolicies>> {
    const policies = await this.database.run(async (tx) => {
      const city = await this.cities.get(tx, id);
      await tx.actOn(city.id);
      return this.policies.list(tx);
    });
    return { items: policies.map((policy) => presentWithModels(this.pool, policy)) };
  }

  @Patch(':id/segment-policies/:segment')
  @RequirePermission('city:write')
  @RequireStepUp()
  @ApiOkResponse({ standardSchema: segmentPolicy })
  async change(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: policyParams }) { id, segment }: z.infer<typeof policyParams>,
    @Body({ schema: changeSegmentPolicy }) change: z.infer<typeof changeSegmentPolicy>,
  ): Promise<z.infer<typeof segmentPolicy>> {
    demandModels(this.pool, segment, change.models);
    const policy = await this.database.run(async (tx) => {
      const city = await this.cities.get(tx, id);
      await tx.actOn(city.id);
      const changed = await this.policies.write(tx, segment, change);
      await this.cities.record(tx, actor, 'segment-policy.changed', city, policyDetails(changed));
      return changed;
    });
    this.access.changed(tenantId(id));
    return presentPolicy(policy);
  }
}
