import { expect, it } from 'vitest';
import { type JobStatus, TRANSITIONS, isTerminal, statusesBefore } from './job-state.ts';

const STATUSES = Object.keys(TRANSITIONS) as JobStatus[];

it('never leaves a terminal status', () => {
  for (const status of STATUSES.filter(isTerminal)) {
    for (const target of STATUSES) expect(statusesBefore(target)).not.toContain(status);
  }
});

it('lets every job end from wherever it is', () => {
  for (const status of STATUSES.filter((each) => !isTerminal(each))) {
    expect(TRANSITIONS[status].some(isTerminal)).toBe(true);
  }
});

it('goes back into line only from where it was taken out of it', () => {
  expect(statusesBefore('queued')).toEqual(['running']);
});

it('completes only what ran', () => {
  expect(statusesBefore('completed')).toEqual(['running']);
});
