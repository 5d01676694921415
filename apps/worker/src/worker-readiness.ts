import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AdmissionProgress, Reconciler } from '#libs/jobs';
import { Readiness } from '#libs/observability';

/** A worker is ready while its safety net turns, which needs the database, and accepted work moves. */
@Injectable()
export class WorkerReadiness implements OnModuleInit {
  constructor(
    private readonly readiness: Readiness,
    private readonly reconciler: Reconciler,
    private readonly progress: AdmissionProgress,
  ) {}

  onModuleInit(): void {
    this.readiness.add({ name: 'reconciler', check: async () => this.reconciler.assertTurning() });
    this.readiness.add({ name: 'progress', check: () => this.progress.assert() });
  }
}
