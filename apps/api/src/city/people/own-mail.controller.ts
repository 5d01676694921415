import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { TenantDatabase, type TenantTransaction } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { MAIL_TOPICS, Mailer, MailPreferencesBook, topicsOf } from '#libs/notices';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';

const topic = z.enum(MAIL_TOPICS);

const ownMail = z
  .object({
    /** False: nothing is mailed from this installation. */
    isOn: z.boolean(),
    /** Null: nothing is mailed to this member. Administrators keep it. */
    address: z.string().nullable(),
    /** What a member of this role is mailed of and may do without. What needs an answer is mailed in any case. */
    topics: z.array(z.object({ topic, isWanted: z.boolean() })),
  })
  .meta({ id: 'OwnMail' });

const changeOwnMail = z.strictObject({ refused: z.array(topic).max(MAIL_TOPICS.length) }).meta({ id: 'ChangeOwnMail' });

/** What one is told by mail. */
@ApiTags('notices')
@Controller('api/v1/me/mail')
export class OwnMailController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly preferences: MailPreferencesBook,
    private readonly mailer: Mailer,
  ) {}

  @Get()
  @RequirePermission('session:own')
  @ApiOkResponse({ standardSchema: ownMail })
  read(@CurrentActor() actor: MemberActor): Promise<z.infer<typeof ownMail>> {
    return this.database.run(actor.scope, (tx) => this.present(tx, actor));
  }

  /** Counts at once, also for mails that wait. */
  @Put()
  @RequirePermission('session:own')
  @ApiOkResponse({ standardSchema: ownMail })
  change(
    @CurrentActor() actor: MemberActor,
    @Body({ schema: changeOwnMail }) { refused }: z.infer<typeof changeOwnMail>,
  ): Promise<z.infer<typeof ownMail>> {
    return this.database.run(actor.scope, async (tx) => {
      await this.preferences.refuse(tx, actor.id, refused);
      return this.present(tx, actor);
    });
  }

  private async present(tx: TenantTransaction, { id, role }: MemberActor): Promise<z.infer<typeof ownMail>> {
    const { address, refused } = await this.preferences.read(tx, id);
    return {
      isOn: this.mailer.isOn,
      address,
      topics: topicsOf(role).map((one) => ({ topic: one, isWanted: !refused.includes(one) })),
    };
  }
}
