import { Controller, Get, HttpCode, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { FIRST_STEPS, FirstSteps } from '#libs/tenancy';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';

const firstSteps = z
  .object({
    steps: z.array(z.object({ step: z.enum(FIRST_STEPS), done: z.boolean(), isOptional: z.boolean() })),
    dismissed: z.boolean(),
  })
  .meta({ id: 'FirstSteps' });

/** What a new city's administrator does first. Done is what the facts say. */
@ApiTags('cities')
@Controller('api/v1/first-steps')
export class FirstStepsController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly steps: FirstSteps,
  ) {}

  @Get()
  @RequirePermission('member:read')
  @ApiOkResponse({ standardSchema: firstSteps })
  async read(@CurrentActor() actor: MemberActor): Promise<z.infer<typeof firstSteps>> {
    const { steps, dismissed } = await this.database.run(actor.scope, (tx) => this.steps.read(tx));
    return { steps: [...steps], dismissed };
  }

  /** The list no longer asks for itself, for all administrators of the city. */
  @Put('dismissal')
  @HttpCode(204)
  @RequirePermission('member:write')
  @ApiNoContentResponse()
  dismiss(@CurrentActor() actor: MemberActor): Promise<void> {
    return this.database.run(actor.scope, (tx) => this.steps.dismiss(tx, actor));
  }
}
