import { Body, Controller, Get, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import type { CityActor } from '#libs/identity';
import { FairAdmission, JobCanceller, JobIntake, JobReader, type QueuePosition, type Requester } from '#libs/jobs';
import { Deadline } from '#libs/kernel';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../../http/idempotency.ts';
import { readInput } from '../../http/request-input.ts';
import { acceptedJob, createJob, job, jobId, presentJob } from './job-schemas.ts';
import { requesterOf } from './requester.ts';

/** What is left of the two seconds in which everybody is answered. */
const PLACE_WITHIN_MS = 150;

/** Questions to a model, asked by people and by systems. */
@ApiTags('jobs')
@Controller('api/v1/jobs')
export class JobsController {
  constructor(
    private readonly intake: JobIntake,
    private readonly admission: FairAdmission,
    private readonly reader: JobReader,
    private readonly canceller: JobCanceller,
  ) {}

  /**
   * Accepts a job, or tells how far the one is that was accepted under the same key. It is safe from here on; follow it by its
   * events or by polling.
   */
  @Post()
  @HttpCode(202)
  @RequirePermission('job:create')
  @AcceptsIdempotencyKey('Scoped to the member or the key.')
  @ApiAcceptedResponse({ standardSchema: acceptedJob })
  async create(
    @CurrentActor() actor: CityActor,
    @Body({ schema: createJob }) body: z.infer<typeof createJob>,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof acceptedJob>> {
    const requester = requesterOf(actor);
    const accepted = await this.intake.accept(requester, body, {
      idempotencyKey: await readInput(idempotencyKey, key),
    });
    const place = accepted.status === 'queued' ? await this.placeOf(requester, accepted.id) : null;
    response.location(`/api/v1/jobs/${accepted.id}`);
    return {
      id: accepted.id,
      status: accepted.status,
      position: place?.ahead ?? 0,
      estimatedWaitMs: place ? place.waitMs : 0,
      conversationId: accepted.conversationId,
    };
  }

  @Get(':id')
  @RequirePermission('job:read')
  @ApiOkResponse({ standardSchema: job })
  async read(
    @CurrentActor() actor: CityActor,
    @Param({ schema: jobId }) { id }: z.infer<typeof jobId>,
  ): Promise<z.infer<typeof job>> {
    return presentJob(await this.reader.view(requesterOf(actor), id));
  }

  /** A waiting job ends at once; a running one as soon as its worker has metered it. */
  @Post(':id/cancel')
  @HttpCode(202)
  @RequirePermission('job:cancel')
  @ApiAcceptedResponse({ standardSchema: job })
  async cancel(
    @CurrentActor() actor: CityActor,
    @Param({ schema: jobId }) { id }: z.infer<typeof jobId>,
  ): Promise<z.infer<typeof job>> {
    const requester = requesterOf(actor);
    await this.canceller.cancel(requester, id);
    return presentJob(await this.reader.view(requester, id));
  }

  /** Not to know its place in time is no reason to hide that it is accepted. */
  private async placeOf({ scope }: Requester, id: string): Promise<QueuePosition | null> {
    const deadline = new Deadline(PLACE_WITHIN_MS);
    try {
      return await deadline.orRefuse(this.admission.place(scope.tenantId, id));
    } catch {
      return null;
    } finally {
      deadline.end();
    }
  }
}
