import { Module } from '@nestjs/common';
import { CityActivity } from './city-activity.ts';
import { CityOverview } from './city-overview.ts';
import { CityRegistry } from './city-registry.ts';
import { DepartmentTree } from './department-tree.ts';
import { PurposeDirectory } from './purpose-directory.ts';
import { SegmentPolicies } from './segment-policies.ts';

const PROVIDERS = [CityActivity, CityOverview, CityRegistry, DepartmentTree, PurposeDirectory, SegmentPolicies];

@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class TenancyModule {}
