import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE, HttpAdapterHost } from '@nestjs/core';
import { AuditModule } from '#libs/audit';
import { InvoicingModule, ReconciliationModule } from '#libs/billing';
import { DatabaseModule } from '#libs/database';
import { JobAccountingModule, OpenCalls } from '#libs/jobs';
import { Clock, SystemClock } from '#libs/kernel';
import { MailModule } from '#libs/notices';
import { ObservabilityModule } from '#libs/observability';
import { QueueModule } from '#libs/queue';
import { AccessModule } from './access/access.module.ts';
import type { ApiProcessConfig } from './api-config.ts';
import { JobsHttpModule } from './city/jobs/jobs.module.ts';
import { CityModule } from './city/city.module.ts';
import { FinanceModule } from './finance/finance.module.ts';
import { HealthModule } from './health/health.module.ts';
import { Drain } from './http/drain.ts';
import { OpenApiController } from './http/openapi.controller.ts';
import { ProblemFilter } from './http/problem-filter.ts';
import { ReaderLifetimes } from './http/reader-lifetimes.ts';
import { RequestInputPipe } from './http/request-input.ts';
import { ScimModule } from './scim/scim.module.ts';
import { OpsModule } from './ops/ops.module.ts';
import { SsoHttpModule } from './sso/sso-http.module.ts';

@Global()
@Module({ providers: [{ provide: Clock, useClass: SystemClock }], exports: [Clock] })
class ClockModule {}

/** The api as a whole, from the settings of its process. */
@Module({})
export class AppModule {
  static forRoot(config: ApiProcessConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ClockModule,
        ObservabilityModule.forRoot(config.log, 'api', config.management),
        DatabaseModule.forRoot(config),
        QueueModule.forRoot(config.queue),
        AuditModule,
        MailModule.forRoot(config.mail),
        AccessModule.forRoot(config.api.requestLimits),
        // Express asks one route after the other in this order: what is asked most stands first.
        JobsHttpModule.forRoot(config),
        HealthModule,
        CityModule,
        OpsModule,
        FinanceModule,
        ScimModule,
        ReconciliationModule.forRoot(config.reconciliation),
        InvoicingModule.forRoot({
          issuer: config.issuer,
          unknownUsage: { module: JobAccountingModule, provider: OpenCalls },
        }),
        SsoHttpModule.forRoot(config.sso),
      ],
      controllers: [OpenApiController],
      providers: [
        {
          provide: Drain,
          useFactory: (host: HttpAdapterHost, readers: ReaderLifetimes) => new Drain(host, readers, config.api.drainMs),
          inject: [HttpAdapterHost, ReaderLifetimes],
        },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useClass: RequestInputPipe },
      ],
    };
  }
}
