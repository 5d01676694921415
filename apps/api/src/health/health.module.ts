import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';
import { HealthController } from './health.controller.ts';
import { Readiness } from './readiness.ts';

@Global()
@Module({ controllers: [HealthController], providers: [Readiness], exports: [Readiness] })
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
