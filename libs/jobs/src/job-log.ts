/** What this lib tells an operator. Texts are fixed; ids travel as fields; content never does. */
export interface JobLog {
  warn(message: string, error: unknown, ids?: Readonly<Record<string, string | number>>): void;
}

export const JOB_LOG = Symbol('JobLog');
