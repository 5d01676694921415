import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { OwnerlessContent, OwnerlessRules } from '#libs/jobs';
import { RosterChanges, RosterRepository } from '#libs/roster';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { idParams } from '../../http/wire.ts';
import { leaving } from './handover-schemas.ts';

/** More names than anybody reads through; the counts are of all. */
const NAMED = 200;

/** What an import would leave behind without an owner. */
@ApiTags('roster-imports')
@Controller('api/v1/roster-imports')
export class RosterLeavingController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly imports: RosterRepository,
    private readonly changes: RosterChanges,
    private readonly content: OwnerlessContent,
    private readonly rules: OwnerlessRules,
  ) {}

  /** Members of this network who lose it by the import, now or on some day, as far as they own something there. */
  @Get(':id/leaving')
  @RequirePermission('member:read')
  @ApiOkResponse({ standardSchema: leaving })
  read(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof leaving>> {
    return this.database.run(actor.scope, async (tx) => {
      await this.imports.get(tx, id);
      const people = await this.changes.leaving(tx, id);
      const held = new Map(
        (
          await this.content.of(
            tx,
            people.map(({ memberId }) => memberId),
          )
        ).map((one) => [one.memberId, one]),
      );
      const items = people.flatMap(({ memberId, loginId, displayName }) => {
        const theirs = held.get(memberId);
        if (!theirs) return [];
        const { conversations, batches, templates } = theirs;
        return [{ loginId, displayName, conversations, batches, templates }];
      });
      const sum = (what: 'conversations' | 'batches' | 'templates') =>
        items.reduce((total, item) => total + item[what], 0);
      return {
        rule: await this.rules.current(tx),
        members: items.length,
        conversations: sum('conversations'),
        batches: sum('batches'),
        templates: sum('templates'),
        items: items.slice(0, NAMED),
      };
    });
  }
}
