import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiServiceUnavailableResponse } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { Readiness } from '#libs/observability';
import { Public } from '../access/permission.ts';

const live = z.object({ status: z.literal('ok') }).meta({ id: 'Liveness' });
const ready = z
  .object({ status: z.enum(['ok', 'failing']), checks: z.record(z.string(), z.enum(['ok', 'failing'])) })
  .meta({ id: 'Readiness' });

/** For whoever restarts processes and sends them requests; says nothing about anybody. */
@Controller('api/health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** The process answers. */
  @Get('live')
  @Public()
  @ApiOkResponse({ standardSchema: live })
  live(): z.infer<typeof live> {
    return { status: 'ok' };
  }

  /** Work makes progress: what is accepted now will be done. */
  @Get('ready')
  @Public()
  @ApiOkResponse({ standardSchema: ready })
  @ApiServiceUnavailableResponse({ standardSchema: ready })
  async ready(@Res({ passthrough: true }) response: Response): Promise<z.infer<typeof ready>> {
    const outcome = await this.readiness.ask();
    if (!outcome.ready) response.status(503);
    return { status: outcome.ready ? 'ok' : 'failing', checks: outcome.checks };
  }
}
