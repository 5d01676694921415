import { Module } from '@nestjs/common';
import { TableReader } from '#libs/table-reader';
import { TenancyModule } from '#libs/tenancy';
import { RosterChanges } from './roster-changes.ts';
import { RosterImports } from './roster-imports.ts';
import { RosterRepository } from './roster-repository.ts';
import { DueImports } from './run/due-imports.ts';
import { RosterRunner } from './run/roster-runner.ts';

const DESK_DOORS = [RosterChanges, RosterImports, RosterRepository];

/** Where a city's administrators prepare imports: the api. */
@Module({ providers: [TableReader, ...DESK_DOORS], exports: DESK_DOORS })
export class RosterModule {}

/** Where imports are applied: the worker. */
@Module({ imports: [TenancyModule], providers: [RosterRepository, DueImports, RosterRunner], exports: [RosterRunner] })
export class RosterRunModule {}
