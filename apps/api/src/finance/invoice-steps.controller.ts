import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CreditNotes, InvoiceIssue, InvoiceSteps, type InvoiceSummary } from '#libs/billing';
import { type CrossTenantTransaction, FinanceDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../http/idempotency.ts';
import { invoiceSummary, presentInvoice } from '../http/invoice-schemas.ts';
import { readInput } from '../http/request-input.ts';
import { daySchema, idParams } from '../http/wire.ts';

const BULK_MAX = 200;

const reasonBody = z.strictObject({ reason: z.string().trim().min(1).max(500) }).meta({ id: 'InvoiceReturn' });
const paymentBody = z.strictObject({ paidOn: daySchema }).meta({ id: 'InvoicePayment' });
const idsBody = z.strictObject({ ids: z.array(z.uuid()).min(1).max(BULK_MAX) }).meta({ id: 'InvoiceIds' });
const outcomes = z
  .object({
    /** In the order asked for; `code` says why one was left as it was, null that it went well. */
    items: z.array(z.object({ id: z.uuid(), code: z.string().nullable() })),
  })
  .meta({ id: 'InvoiceOutcomes' });
const creditNote = z
  .strictObject({
    reason: z.string().trim().min(1).max(500),
    lines: z
      .array(
        z.strictObject({
          description: z.string().trim().min(1).max(200),
          /** Whole yen before tax that are given back. */
          amountJpy: z.int().min(1).max(1_000_000_000_000),
          departmentId: z.uuid().nullable(),
        }),
      )
      .min(1)
      .max(50),
  })
  .meta({ id: 'CreateCreditNote' });

type Invoice = z.infer<typeof invoiceSummary>;
type Ids = z.infer<typeof idsBody>;
type Step = (tx: CrossTenantTransaction, id: string) => Promise<InvoiceSummary>;

/** Review, approval by another person, issue, payment; and back. Each step by itself or for many at once. */
@ApiTags('invoices')
@Controller('api/finance/v1/invoices')
export class InvoiceStepsController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly steps: InvoiceSteps,
    private readonly issuing: InvoiceIssue,
    private readonly credits: CreditNotes,
  ) {}

  @Post('review')
  @HttpCode(200)
  @RequirePermission('invoice:review')
  @ApiOkResponse({ standardSchema: outcomes })
  reviewMany(@CurrentActor() actor: VendorActor, @Body({ schema: idsBody }) { ids }: Ids) {
    return this.each(ids, (tx, id) => this.steps.review(tx, actor, id));
  }

  @Post('approve')
  @HttpCode(200)
  @RequirePermission('invoice:approve')
  @ApiOkResponse({ standardSchema: outcomes })
  approveMany(@CurrentActor() actor: VendorActor, @Body({ schema: idsBody }) { ids }: Ids) {
    return this.each(ids, (tx, id) => this.steps.approve(tx, actor, id));
  }

  @Post('issue')
  @HttpCode(200)
  @RequirePermission('invoice:review')
  @ApiOkResponse({ standardSchema: outcomes })
  issueMany(@CurrentActor() actor: VendorActor, @Body({ schema: idsBody }) { ids }: Ids) {
    return this.each(ids, (tx, id) => this.issuing.issue(tx, actor, id));
  }

  /** Back to draft; review and approval are asked for again. */
  @Post(':id/return')
  @HttpCode(200)
  @RequirePermission('invoice:approve')
  @ApiOkResponse({ standardSchema: invoiceSummary })
  giveBack(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: reasonBody }) { reason }: z.infer<typeof reasonBody>,
  ): Promise<Invoice> {
    return this.one((tx) => this.steps.giveBack(tx, actor, id, reason));
  }

  /** Makes a draft anew from what the close counted and what is agreed by now. */
  @Post(':id/redraft')
  @HttpCode(200)
  @RequirePermission('invoice:review')
  @ApiOkResponse({ standardSchema: invoiceSummary })
  redraft(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<Invoice> {
    return this.one((tx) => this.steps.redraft(tx, actor, id));
  }

  @Post(':id/payment')
  @HttpCode(200)
  @RequirePermission('invoice:review')
  @ApiOkResponse({ standardSchema: invoiceSummary })
  pay(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: paymentBody }) { paidOn }: z.infer<typeof paymentBody>,
  ): Promise<Invoice> {
    return this.one((tx) => this.steps.pay(tx, actor, id, paidOn));
  }

  /** Proposes to give back part of an issued invoice; another person approves it, then it is issued. */
  @Post(':id/credit-notes')
  @RequirePermission('invoice:review')
  @AcceptsIdempotencyKey('Scoped to the person and the invoice.')
  @ApiCreatedResponse({ standardSchema: invoiceSummary })
  async credit(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: creditNote }) body: z.infer<typeof creditNote>,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<Invoice> {
    const underKey = await readInput(idempotencyKey, key);
    return this.one((tx) => this.credits.propose(tx, actor, id, body, underKey));
  }

  private async one(step: (tx: CrossTenantTransaction) => Promise<InvoiceSummary>): Promise<Invoice> {
    return presentInvoice(await this.database.run(step));
  }

  /** Each in a transaction of its own: one that is refused holds up no other. */
  private async each(ids: readonly string[], step: Step): Promise<z.infer<typeof outcomes>> {
    const items: { id: string; code: string | null }[] = [];
    for (const id of ids) {
      const code = await this.database
        .run((tx) => step(tx, id))
        .then(
          () => null,
          (error: unknown) => {
            if (error instanceof DomainError) return error.code;
            throw error;
          },
        );
      items.push({ id, code });
    }
    return { items };
  }
}
