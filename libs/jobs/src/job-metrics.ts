import { Injectable } from '@nestjs/common';
import { Clock } from '#libs/kernel';
import { Metrics } from '#libs/observability';
import { TERMINAL_STATUSES, type TerminalStatus } from './job-state.ts';
import type { Lane } from './job.ts';

const LANES: readonly Lane[] = ['urgent', 'interactive', 'batch'];

/** Samples of what this process did with jobs. */
@Injectable()
export class JobMetrics {
  private readonly executions;
  private readonly jobs;
  private readonly timeToFirstToken;

  constructor(
    metrics: Metrics,
    private readonly clock: Clock,
  ) {
    this.executions = metrics.counter('moyai_executions_total', 'Jobs that a worker began', ['lane']);
    this.jobs = metrics.counter('moyai_jobs_total', 'Jobs by how they ended', ['outcome']);
    this.timeToFirstToken = metrics.histogram(
      'moyai_time_to_first_token_seconds',
      'From the acceptance of a job to its first text, the wait in line included',
      ['lane'],
    );
    // What was never told is not nothing: the first of a kind would be no increase
    for (const lane of LANES) this.executions.inc({ lane }, 0);
    for (const outcome of TERMINAL_STATUSES) this.jobs.inc({ outcome }, 0);
  }

  began(lane: Lane): void {
    this.executions.inc({ lane });
  }

  firstText({ acceptedAt, lane }: { readonly acceptedAt: Date; readonly lane: Lane }): void {
    this.timeToFirstToken.observe({ lane }, (this.clock.now().getTime() - acceptedAt.getTime()) / 1_000);
  }

  ended(outcome: TerminalStatus, jobs = 1): void {
    this.jobs.inc({ outcome }, jobs);
  }
}
