import { CLOCK_FAULTS } from './clocks.ts';
import { DATABASE_FAULTS } from './database.ts';
import type { Fault } from './fault.ts';
import { PROCESS_FAULTS } from './processes.ts';
import { PROVIDER_FAULTS } from './provider.ts';
import { QUEUE_FAULTS } from './queue.ts';

export type { Fault } from './fault.ts';

export const FAULTS: readonly Fault[] = [
  ...PROCESS_FAULTS,
  ...DATABASE_FAULTS,
  ...QUEUE_FAULTS,
  ...PROVIDER_FAULTS,
  ...CLOCK_FAULTS,
];
