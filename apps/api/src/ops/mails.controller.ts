import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { OpsDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { MAIL_FAULTS, MAIL_KINDS, MAIL_STATES, type MailCounts, MailOutbox, type MailRecord } from '#libs/notices';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import {
  idParams,
  instant,
  instantOrNull,
  instantSchema,
  pageFrom,
  pageOf,
  pageQuery,
  readIdCursor,
} from '../http/wire.ts';

const mailRecord = z
  .object({
    id: z.uuid(),
    city: z.object({ id: z.uuid(), code: z.string(), name: z.string() }),
    kind: z.enum(MAIL_KINDS),
    /** `dropped`: nobody to send it to any more, or not wanted. */
    state: z.enum(MAIL_STATES),
    reason: z.enum(MAIL_FAULTS).nullable(),
    /** Of the last try: an SMTP code, or that of the fault on the way to the relay. */
    relayCode: z.string().nullable(),
    /** As in `k***@city.example.lg.jp`; null before the first try. */
    address: z.string().nullable(),
    tries: z.int(),
    createdAt: instantSchema,
    lastTriedAt: instantSchema.nullable(),
    nextTryAt: instantSchema.nullable(),
    /** Until when it may be sent again; null: not at all. */
    resendUntil: instantSchema.nullable(),
  })
  .meta({ id: 'MailRecord' });
const mailPage = pageOf('MailPage', mailRecord);
const mailQuery = pageQuery.extend({ state: z.enum(MAIL_STATES).optional() });

const mailCounts = z
  .object({
    /** False: no relay is configured, and nothing is mailed. */
    isOn: z.boolean(),
    waiting: z.int(),
    /** Given up within 30 days as the relay refused the receiver or the mail. */
    rejected: z.int(),
    /** Given up within 30 days as no relay took it in six tries. */
    unreachable: z.int(),
  })
  .meta({ id: 'MailCounts' });

const present = (record: MailRecord): z.infer<typeof mailRecord> => ({
  ...record,
  createdAt: instant(record.createdAt),
  lastTriedAt: instantOrNull(record.lastTriedAt),
  nextTryAt: instantOrNull(record.nextTryAt),
  resendUntil: instantOrNull(record.resendUntil),
});

/** How mails to the people of cities fare, of whatever kind: without their words, and without whom they are for. */
@ApiTags('notices')
@Controller('api/ops/v1')
export class MailsController {
  constructor(
    private readonly database: OpsDatabase,
    private readonly outbox: MailOutbox,
  ) {}

  /** Newest first. */
  @Get('mails')
  @RequirePermission('mail:read')
  @ApiOkResponse({ standardSchema: mailPage })
  async list(
    @Query({ schema: mailQuery }) { state, cursor, limit }: z.infer<typeof mailQuery>,
  ): Promise<z.infer<typeof mailPage>> {
    const page = { before: readIdCursor(cursor), limit: limit + 1 };
    const rows = await this.database.run((tx) => this.outbox.list(tx, state ?? null, page));
    return pageFrom(rows, limit, { after: ({ id }) => id, present });
  }

  @Get('mail-counts')
  @RequirePermission('mail:read')
  @ApiOkResponse({ standardSchema: mailCounts })
  counts(): Promise<MailCounts> {
    return this.database.run((tx) => this.outbox.counts(tx));
  }

  /** Of one that was given up: from the first try on, at once. */
  @Post('mails/:id/resend')
  @HttpCode(200)
  @RequirePermission('mail:resend')
  @ApiOkResponse({ standardSchema: mailRecord })
  async resend(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof mailRecord>> {
    return present(await this.database.run((tx) => this.outbox.resend(tx, actor, id)));
  }
}
