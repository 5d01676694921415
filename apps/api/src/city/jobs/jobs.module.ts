import { type DynamicModule, Module, type OnModuleInit } from '@nestjs/common';
import { IdentityModule } from '#libs/identity';
import { AdmissionProgress, JobIntakeModule } from '#libs/jobs';
import { ModelPoolModule } from '#libs/model-pool';
import { Readiness } from '#libs/observability';
import { PricingModule } from '#libs/pricing';
import { TemplatesModule } from '#libs/templates';
import type { ApiProcessConfig } from '../../api-config.ts';
import { ReaderLifetimes } from '../../http/reader-lifetimes.ts';
import { ChatCompletionsController } from '../../openai/chat-completions.controller.ts';
import { OpenAiModelsController } from '../../openai/models.controller.ts';
import { BatchResultsController } from './batch-results.controller.ts';
import { BatchesController } from './batches.controller.ts';
import { ConversationsController } from './conversations.controller.ts';
import { JobEventsController } from './job-events.controller.ts';
import { JobsController } from './jobs.controller.ts';
import { ModelsController } from './models.controller.ts';
import { PublishedCost } from './published-cost.ts';
import { ReaderChecks } from './reader-checks.ts';
import { TemplatesController } from './templates.controller.ts';

/** Everything that takes prompts in or gives answers out. */
@Module({})
export class JobsHttpModule implements OnModuleInit {
  constructor(
    private readonly readiness: Readiness,
    private readonly progress: AdmissionProgress,
  ) {}

  onModuleInit(): void {
    this.readiness.add({ name: 'progress', check: () => this.progress.assert() });
  }

  static forRoot({ api, model }: ApiProcessConfig): DynamicModule {
    return {
      module: JobsHttpModule,
      imports: [
        IdentityModule,
        TemplatesModule,
        PricingModule,
        ModelPoolModule.register(model.deployments, model.timeouts),
        JobIntakeModule.forRoot({ streamSecret: api.streamSecret }),
      ],
      controllers: [
        JobsController,
        JobEventsController,
        ConversationsController,
        BatchesController,
        BatchResultsController,
        TemplatesController,
        ModelsController,
        ChatCompletionsController,
        OpenAiModelsController,
      ],
      providers: [ReaderLifetimes, ReaderChecks, PublishedCost],
      exports: [ReaderLifetimes],
    };
  }
}
