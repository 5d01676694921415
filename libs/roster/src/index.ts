export { type ChangeQuery, RosterChanges } from './roster-changes.ts';
export { type RosterDecision, RosterImports } from './roster-imports.ts';
export { RosterRepository } from './roster-repository.ts';
export { RosterModule, RosterRunModule } from './roster.module.ts';
export * from './roster.ts';
export { DueImports } from './run/due-imports.ts';
export { RosterRunner } from './run/roster-runner.ts';
export { faultTable, rosterTable } from './roster-export.ts';
