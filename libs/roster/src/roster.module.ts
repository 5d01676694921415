import { Module } from '@nestjs/common';
import { IdentityModule } from '#libs/identity';
import { TableReader } from '#libs/table-reader';
import { TenancyModule } from '#libs/tenancy';
import { LineWithdrawals } from './line-withdrawals.ts';
import { QuietMembers } from './quiet-members.ts';
import { RosterCalendar } from './roster-calendar.ts';
import { RosterChanges } from './roster-changes.ts';
import { RosterImports } from './roster-imports.ts';
import { RosterInvitations } from './roster-invitations.ts';
import { RosterRepository } from './roster-repository.ts';
import { DueImports } from './run/due-imports.ts';
import { RosterRunner } from './run/roster-runner.ts';

const DESK_DOORS = [
  LineWithdrawals,
  QuietMembers,
  RosterCalendar,
  RosterChanges,
  RosterImports,
  RosterInvitations,
  RosterRepository,
];

/** Where a city's administrators prepare imports: the api. */
@Module({ imports: [IdentityModule], providers: [TableReader, ...DESK_DOORS], exports: DESK_DOORS })
export class RosterModule {}

/** Where imports are applied: the worker. */
@Module({ imports: [TenancyModule], providers: [RosterRepository, DueImports, RosterRunner], exports: [RosterRunner] })
export class RosterRunModule {}
