import { type DynamicModule, Module } from '@nestjs/common';
import { InvoiceFiles, InvoicePress } from '#libs/billing';
import { JobRunModule } from '#libs/jobs';
import { CityExits } from './city-exits.ts';
import { ExitDeliveries } from './exit-deliveries.ts';
import { ExitRunner } from './exit-runner.ts';
import { DataExports } from './export/data-exports.ts';
import { ExportContents } from './export/export-contents.ts';
import { ExportRunner } from './export/export-runner.ts';
import { ExportSweeper } from './export/export-sweeper.ts';
import { FindingJudgements } from './finding-judgements.ts';
import { KeyRenewal } from './key-renewal.ts';
import { OwnExit } from './own-exit.ts';
import { EXIT_ISSUER, ExitRemoval } from './removal/exit-removal.ts';
import { RowRemoval } from './removal/row-removal.ts';
import { ExitScan } from './removal/scan.ts';
import { RemovedCities } from './removed-cities.ts';
import { SegmentsInUse } from './segments-in-use.ts';

const DECIDED = [CityExits, FindingJudgements, OwnExit, DataExports];

/** Where exits are decided and exports asked for: the api. */
@Module({ providers: [...DECIDED, RemovedCities], exports: DECIDED })
export class ExitsModule {}

const RUN = [ExitDeliveries, ExitRunner, ExportRunner, ExportSweeper, KeyRenewal];

/** Where cities are exported and removed: the worker. */
@Module({})
export class ExitRunModule {
  /** @param options.issuer who certifies, as invoices name it; null where none is configured */
  static forRoot(options: { issuer: string | null }): DynamicModule {
    return {
      module: ExitRunModule,
      imports: [JobRunModule],
      providers: [
        { provide: EXIT_ISSUER, useValue: options.issuer },
        ExitRemoval,
        ExitScan,
        ExportContents,
        InvoiceFiles,
        InvoicePress,
        RemovedCities,
        RowRemoval,
        SegmentsInUse,
        ...RUN,
      ],
      exports: RUN,
    };
  }
}
