import { Body, Controller, Get, Headers, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import { type MemberActor, loginIdKey } from '#libs/identity';
import { Handovers, OwnerlessContent, OwnerlessRules } from '#libs/jobs';
import { Clock, idUnderKey, newId } from '#libs/kernel';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission, RequireStepUp } from '../../access/permission.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../../http/idempotency.ts';
import { readInput } from '../../http/request-input.ts';
import { idParams, pageFrom, pageQuery, readCursor } from '../../http/wire.ts';
import {
  formerOwnerPage,
  handover,
  newHandover,
  ownerlessRule,
  presentFormerOwner,
  presentHandover,
} from './handover-schemas.ts';

/** What people who left have written on the network of the request: counted, given to others, never read on the way. */
@ApiTags('ownerless-content')
@Controller('api/v1/ownerless-content')
export class OwnerlessContentController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly content: OwnerlessContent,
    private readonly rules: OwnerlessRules,
    private readonly handovers: Handovers,
    private readonly clock: Clock,
  ) {}

  /** In order of login id. */
  @Get()
  @RequirePermission('handover:read')
  @ApiOkResponse({ standardSchema: formerOwnerPage })
  async list(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: pageQuery }) { cursor, limit }: z.infer<typeof pageQuery>,
  ): Promise<z.infer<typeof formerOwnerPage>> {
    const after = readCursor(cursor);
    const rows = await this.database.run(actor.scope, (tx) => this.content.list(tx, { after, limit: limit + 1 }));
    return pageFrom(rows, limit, { after: ({ key }) => key, present: presentFormerOwner });
  }

  @Get('rule')
  @RequirePermission('handover:read')
  @ApiOkResponse({ standardSchema: ownerlessRule })
  rule(@CurrentActor() actor: MemberActor): Promise<z.infer<typeof ownerlessRule>> {
    return this.database.run(actor.scope, (tx) => this.rules.current(tx));
  }

  /** Of this network. Its days count anew from now on. */
  @Put('rule')
  @RequirePermission('handover:write')
  @RequireStepUp()
  @ApiOkResponse({ standardSchema: ownerlessRule })
  async changeRule(
    @CurrentActor() actor: MemberActor,
    @Body({ schema: ownerlessRule }) rule: z.infer<typeof ownerlessRule>,
  ): Promise<z.infer<typeof ownerlessRule>> {
    await this.database.run(actor.scope, (tx) => this.rules.change(tx, actor, rule));
    return rule;
  }

  /** Gives all that this former owner left on the network to somebody else, who reads it as their own from now on. */
  @Post(':id/handovers')
  @RequirePermission('handover:write')
  @RequireStepUp()
  @AcceptsIdempotencyKey('Scoped to the person.')
  @ApiCreatedResponse({ standardSchema: handover })
  async handOver(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id: from }: z.infer<typeof idParams>,
    @Body({ schema: newHandover }) { toLoginId, reason }: z.infer<typeof newHandover>,
    @Headers('idempotency-key') sentKey: string | undefined,
  ): Promise<z.infer<typeof handover>> {
    const key = await readInput(idempotencyKey, sentKey);
    const id = key === undefined ? newId() : idUnderKey(actor.id, `handover/${from}/${key}`);
    const wish = { id, from, toLoginIdKey: loginIdKey(toLoginId), reason };
    const made = await this.database.run(actor.scope, (tx) => this.handovers.handOver(tx, actor, wish));
    return presentHandover(made, this.clock.now());
  }
}
