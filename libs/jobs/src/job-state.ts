/** Where a job is in its life. */
export type JobStatus = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';

/**
 * What may follow what. The SQL that moves a job reads this table ({@link statusesBefore}), so a transition that is not
 * here cannot be stored. running -> running is another worker taking over from one that was lost; running -> queued is a
 * worker that gives the job back, because no deployment takes its call now.
 */
export const TRANSITIONS: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  queued: ['running', 'failed', 'cancelled'],
  running: ['queued', 'running', 'completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
};

export const TERMINAL_STATUSES = ['completed', 'failed', 'cancelled'] as const satisfies readonly JobStatus[];
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];

export const isTerminal = (status: JobStatus): status is TerminalStatus => TRANSITIONS[status].length === 0;

/** The statuses from which a job may move to `status`. */
export const statusesBefore = (status: JobStatus): JobStatus[] =>
  (Object.keys(TRANSITIONS) as JobStatus[]).filter((from) => TRANSITIONS[from].includes(status));
