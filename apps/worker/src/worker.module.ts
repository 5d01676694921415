import { type DynamicModule, Global, Module } from '@nestjs/common';
import { AuditModule } from '#libs/audit';
import { ArchiveRunModule, CloseModule } from '#libs/billing';
import { DatabaseModule } from '#libs/database';
import { ExitRunModule } from '#libs/exits';
import { JobRunModule } from '#libs/jobs';
import { Clock, SystemClock } from '#libs/kernel';
import { BudgetMailModule } from '#libs/metering';
import { ModelPoolModule } from '#libs/model-pool';
import { MailModule, MailSendingModule } from '#libs/notices';
import { ObservabilityModule } from '#libs/observability';
import { QueueModule } from '#libs/queue';
import { EndingMailModule, TenancyModule } from '#libs/tenancy';
import { RosterRunModule } from '#libs/roster';
import { Deliveries } from './deliveries.ts';
import { Upkeep } from './upkeep.ts';
import { WORKER_CONFIG, type WorkerProcessConfig } from './worker-config.ts';
import { WorkerReadiness } from './worker-readiness.ts';
import { Worker } from './worker.ts';

@Global()
@Module({ providers: [{ provide: Clock, useClass: SystemClock }], exports: [Clock] })
class ClockModule {}

/** The process that runs jobs and everything else that goes on while nobody looks. */
@Module({})
export class WorkerModule {
  static forRoot(config: WorkerProcessConfig): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        ClockModule,
        ObservabilityModule.forRoot(config.log, 'worker', config.management),
        DatabaseModule.forRoot(config),
        QueueModule.forRoot(config.queue),
        AuditModule,
        ModelPoolModule.register(config.model.deployments, config.model.timeouts),
        JobRunModule,
        CloseModule,
        MailModule.forRoot({ isOn: config.smtp !== null }),
        ArchiveRunModule,
        MailSendingModule.forRoot(config.smtp),
        BudgetMailModule,
        EndingMailModule,
        TenancyModule,
        RosterRunModule,
        ExitRunModule.forRoot({ issuer: config.issuer?.name ?? null }),
      ],
      providers: [{ provide: WORKER_CONFIG, useValue: config.worker }, Deliveries, Upkeep, Worker, WorkerReadiness],
    };
  }
}
