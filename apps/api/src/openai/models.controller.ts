import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { CityActor } from '#libs/identity';
import { ModelPool } from '#libs/model-pool';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { openAiModelList } from './openai-schemas.ts';

/** The city's models as the `openai` client lists them. */
@ApiTags('openai')
@Controller('api/openai/v1/models')
export class OpenAiModelsController {
  constructor(private readonly pool: ModelPool) {}

  @Get()
  @RequirePermission('model:read')
  @ApiOkResponse({ standardSchema: openAiModelList })
  list(@CurrentActor() actor: CityActor): z.infer<typeof openAiModelList> {
    const models = this.pool.models(actor.scope.segment, actor.policy.models);
    return {
      object: 'list',
      data: models.map(({ id }) => ({ id, object: 'model' as const, created: 0, owned_by: 'moyai' as const })),
    };
  }
}
