import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { CityActor } from '#libs/identity';
import { boundedMaxTokens } from '#libs/jobs';
import { ModelPool } from '#libs/model-pool';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';

const modelList = z
  .object({
    items: z.array(
      z
        .object({
          id: z.string(),
          displayName: z.string(),
          simulated: z.boolean(),
          /** Answers are at most this long unless the request says otherwise (maxTokens)... */
          defaultMaxTokens: z.int(),
          /** ...and this where it asks for as much as there can be. */
          maxOutputTokens: z.int(),
          isDefault: z.boolean(),
        })
        .meta({ id: 'Model' }),
    ),
  })
  .meta({ id: 'ModelList' });

/** What may be asked, and how much at a time. */
@ApiTags('models')
@Controller('api/v1/models')
export class ModelsController {
  constructor(private readonly pool: ModelPool) {}

  /** The models the city allows on this network. */
  @Get()
  @RequirePermission('model:read')
  @ApiOkResponse({ standardSchema: modelList })
  list(@CurrentActor() actor: CityActor): z.infer<typeof modelList> {
    const models = this.pool.models(actor.scope.segment, actor.policy.models);
    return { items: models.map((model) => ({ ...model, defaultMaxTokens: boundedMaxTokens(undefined, model) })) };
  }
}
