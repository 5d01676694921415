import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { UrgentLane } from '#libs/jobs';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { urgentOpening } from '../../http/urgent-opening.ts';
import { instant } from '../../http/wire.ts';

const openingNotices = z
  .object({
    items: z.array(
      urgentOpening
        .extend({ cities: z.array(z.string()), coversOwnCity: z.boolean() })
        .meta({ id: 'UrgentOpeningNotice' }),
    ),
  })
  .meta({ id: 'UrgentOpeningNotices' });

/** Why some cities go first at this moment: every city may know. */
@ApiTags('urgent-openings')
@Controller('api/v1/urgent-openings')
export class UrgentNoticesController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly lane: UrgentLane,
  ) {}

  /** Those that are open now. */
  @Get()
  @RequirePermission('session:own')
  @ApiOkResponse({ standardSchema: openingNotices })
  async list(@CurrentActor() { scope }: MemberActor): Promise<z.infer<typeof openingNotices>> {
    const openings = await this.database.run(scope, (tx) => this.lane.openNow(tx));
    return {
      items: openings.map(({ openedAt, endsAt, cities, ...opening }) => ({
        ...opening,
        openedAt: instant(openedAt),
        endsAt: instant(endsAt),
        cities: cities.map(({ name }) => name),
        coversOwnCity: cities.some(({ id }) => id === scope.tenantId),
      })),
    };
  }
}
