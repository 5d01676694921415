/** A job of a fairness bench: so many tokens of one city. */
export interface LineJob {
  readonly id: string;
  readonly city: string;
  readonly tokens: number;
}

export interface LineCity {
  readonly id: string;
  readonly weight: number;
}

/** One way of deciding whose job goes next into a pool with so many places. */
export interface WaitingLine extends AsyncDisposable {
  /** Puts many jobs in line, before it moves. */
  fill(jobs: readonly LineJob[]): Promise<void>;
  /** Lets the line move: `run` holds a place of the pool until it resolves. */
  start(places: number, run: (jobId: string) => Promise<void>): Promise<void>;
  add(job: LineJob): Promise<void>;
}
