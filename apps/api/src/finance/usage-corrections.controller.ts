import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type UsageCorrection, UsageCorrections } from '#libs/billing';
import { FinanceDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../http/idempotency.ts';
import { readInput } from '../http/request-input.ts';
import {
  idParams,
  instant,
  instantOrNull,
  instantSchema,
  monthSchema,
  pageFrom,
  pageOf,
  pageQuery,
  readIdCursor,
} from '../http/wire.ts';

const DELTA_MAX = 1_000_000_000_000;
/** Added to what was metered; below zero for what is taken back. */
const delta = z.int().min(-DELTA_MAX).max(DELTA_MAX);
const deltas = {
  inputTokens: delta,
  outputTokens: delta,
  cacheReadTokens: delta,
  cacheWriteTokens: delta,
  inputCharacters: delta,
  outputCharacters: delta,
};
const KINDS = Object.keys(deltas) as (keyof typeof deltas)[];

const correctionSchema = z
  .object({
    id: z.uuid(),
    cityName: z.string(),
    /** The call that is corrected, and when and by which model it was. */
    usageRecordId: z.uuid(),
    acceptedAt: instantSchema,
    model: z.string(),
    ...deltas,
    reason: z.string(),
    proposedBy: z.string(),
    proposedAt: instantSchema,
    approvedBy: z.string().nullable(),
    approvedAt: instantSchema.nullable(),
    withdrawnBy: z.string().nullable(),
    withdrawnAt: instantSchema.nullable(),
    /** The month that bills it; null until approved. */
    billingMonth: monthSchema.nullable(),
  })
  .meta({ id: 'UsageCorrection' });
const correctionPage = pageOf('UsageCorrectionPage', correctionSchema);

const proposeCorrection = z
  .strictObject({ usageRecordId: z.uuid(), reason: z.string().trim().min(1).max(200), ...deltas })
  .refine((correction) => KINDS.some((kind) => correction[kind] !== 0), {
    path: ['inputTokens'],
    message: '増減がすべて0です。訂正する量を入力してください。',
  })
  .meta({ id: 'ProposeUsageCorrection' });

type Correction = z.infer<typeof correctionSchema>;

const present = (correction: UsageCorrection): Correction => ({
  ...correction,
  acceptedAt: instant(correction.acceptedAt),
  proposedAt: instant(correction.proposedAt),
  approvedAt: instantOrNull(correction.approvedAt),
  withdrawnAt: instantOrNull(correction.withdrawnAt),
});

/** Use that was metered wrongly: one person proposes its correction, another approves it, the next invoice bills it. */
@ApiTags('usage-corrections')
@Controller('api/finance/v1/usage-corrections')
export class UsageCorrectionsController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly corrections: UsageCorrections,
  ) {}

  /** Newest first. */
  @Get()
  @RequirePermission('invoice:read')
  @ApiOkResponse({ standardSchema: correctionPage })
  async list(
    @Query({ schema: pageQuery }) { cursor, limit }: z.infer<typeof pageQuery>,
  ): Promise<z.infer<typeof correctionPage>> {
    const before = readIdCursor(cursor);
    const rows = await this.database.run((tx) => this.corrections.list(tx, { before, limit: limit + 1 }));
    return pageFrom(rows, limit, { after: ({ id }) => id, present });
  }

  /** Puts the correction of one call before a second person. */
  @Post()
  @RequirePermission('invoice:review')
  @AcceptsIdempotencyKey('Scoped to the person.')
  @ApiCreatedResponse({ standardSchema: correctionSchema })
  async propose(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: proposeCorrection }) body: z.infer<typeof proposeCorrection>,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<Correction> {
    const underKey = await readInput(idempotencyKey, key);
    return present(await this.database.run((tx) => this.corrections.propose(tx, actor, body, underKey)));
  }

  /** From here on the first month that is not closed yet bills it. */
  @Post(':id/approve')
  @HttpCode(200)
  @RequirePermission('invoice:approve')
  @ApiOkResponse({ standardSchema: correctionSchema })
  async approve(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<Correction> {
    return present(await this.database.run((tx) => this.corrections.approve(tx, actor, id)));
  }

  /** Takes back what nobody has approved yet. It stays on record. */
  @Post(':id/withdraw')
  @HttpCode(200)
  @RequirePermission('invoice:review')
  @ApiOkResponse({ standardSchema: correctionSchema })
  async withdraw(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<Correction> {
    return present(await this.database.run((tx) => this.corrections.withdraw(tx, actor, id)));
  }
}
