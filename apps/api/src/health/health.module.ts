import { Module, type OnModuleInit } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';
import { Readiness } from '#libs/observability';
import { HealthController } from './health.controller.ts';

/** Liveness and readiness; what ready means, each module says for itself. */
@Module({ controllers: [HealthController] })
export class HealthModule implements OnModuleInit {
  constructor(
    private readonly readiness: Readiness,
    private readonly database: AdmissionDatabase,
  ) {}

  onModuleInit(): void {
    this.readiness.add({
      name: 'database',
      check: async () => {
        await this.database.query('SELECT 1');
      },
    });
  }
}
