import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { Handovers } from '#libs/jobs';
import { Clock } from '#libs/kernel';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission, RequireStepUp } from '../../access/permission.ts';
import { idParams, pageFrom, pageQuery, readIdCursor } from '../../http/wire.ts';
import { handoverPage, presentHandover, takenBack } from './handover-schemas.ts';

/** 引き継ぎ: what was given to whom on the network of the request, by whom and why. */
@ApiTags('ownerless-content')
@Controller('api/v1/handovers')
export class HandoversController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly handovers: Handovers,
    private readonly clock: Clock,
  ) {}

  /** The newest first. */
  @Get()
  @RequirePermission('handover:read')
  @ApiOkResponse({ standardSchema: handoverPage })
  async list(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: pageQuery }) { cursor, limit }: z.infer<typeof pageQuery>,
  ): Promise<z.infer<typeof handoverPage>> {
    const before = readIdCursor(cursor);
    const rows = await this.database.run(actor.scope, (tx) => this.handovers.list(tx, { before, limit: limit + 1 }));
    const now = this.clock.now();
    return pageFrom(rows, limit, { after: ({ id }) => id, present: (row) => presentHandover(row, now) });
  }

  /** Within thirty days: what the new owner has not gone on with returns to the one it came from. */
  @Post(':id/take-back')
  @HttpCode(200)
  @RequirePermission('handover:write')
  @RequireStepUp()
  @ApiOkResponse({ standardSchema: takenBack })
  takeBack(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof takenBack>> {
    return this.database.run(actor.scope, (tx) => this.handovers.takeBack(tx, actor, id));
  }
}
