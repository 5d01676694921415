import { Module } from '@nestjs/common';
import { CityActivity } from './city-activity.ts';
import { CityEndings } from './city-endings.ts';
import { CityOnboardings } from './city-onboardings.ts';
import { CityOverview } from './city-overview.ts';
import { CityRegistry } from './city-registry.ts';
import { CityReports } from './city-report.ts';
import { DepartmentTree } from './department-tree.ts';
import { EndingMails } from './ending-mails.ts';
import { FirstSteps } from './first-steps.ts';
import { PurposeDirectory } from './purpose-directory.ts';
import { SegmentPolicies } from './segment-policies.ts';

const PROVIDERS = [
  CityActivity,
  CityEndings,
  CityOnboardings,
  CityOverview,
  CityRegistry,
  CityReports,
  DepartmentTree,
  FirstSteps,
  PurposeDirectory,
  SegmentPolicies,
];

/** Cities and what belongs to them, for every process. */
@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class TenancyModule {}

/** Where a city's administrators are mailed that it ends: the worker. */
@Module({ imports: [TenancyModule], providers: [EndingMails], exports: [EndingMails] })
export class EndingMailModule {}
