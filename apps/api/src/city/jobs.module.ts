import { type DynamicModule, Module } from '@nestjs/common';
import { JobIntakeModule } from '#libs/jobs';
import { ModelPoolModule } from '#libs/model-pool';
import type { ApiProcessConfig } from '../api-config.ts';
import { ChatCompletionsController } from '../openai/chat-completions.controller.ts';
import { OpenAiModelsController } from '../openai/models.controller.ts';
import { ConversationsController } from './conversations.controller.ts';
import { JobEventsController } from './job-events.controller.ts';
import { JobsController } from './jobs.controller.ts';
import { ModelsController } from './models.controller.ts';
import { ReaderLifetimes } from './reader-lifetimes.ts';

/** Everything that takes prompts in or gives answers out. */
@Module({})
export class JobsHttpModule {
  static forRoot({ api, model }: ApiProcessConfig): DynamicModule {
    return {
      module: JobsHttpModule,
      imports: [
        ModelPoolModule.register(model.deployments, model.timeouts),
        JobIntakeModule.forRoot({ streamSecret: api.streamSecret }),
      ],
      controllers: [
        JobsController,
        JobEventsController,
        ConversationsController,
        ModelsController,
        ChatCompletionsController,
        OpenAiModelsController,
      ],
      providers: [ReaderLifetimes],
    };
  }
}
