import { Injectable } from '@nestjs/common';
import { Clock } from '#libs/kernel';
import { Log, Metrics } from '#libs/observability';
import { ERASED_KINDS, RetentionSweeper } from './retention-sweeper.ts';

/** Sweeps, and tells how it went: what a city was promised to be erased is watched like what it asks for. */
@Injectable()
export class RetentionRound {
  private readonly lastRun;
  private readonly erased;
  private readonly overdue;
  private readonly failed;

  constructor(
    private readonly sweeper: RetentionSweeper,
    metrics: Metrics,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.lastRun = metrics.gauge(
      'moyai_retention_last_run_seconds',
      'When everything over its time was last looked for',
    );
    this.erased = metrics.counter('moyai_retention_erased_total', 'What was erased as its time was over', ['kind']);
    this.overdue = metrics.gauge(
      'moyai_retention_overdue_seconds',
      'How long the oldest that should be gone is overdue',
    );
    this.failed = metrics.gauge('moyai_retention_failed_networks', 'Networks of cities that could not be swept');
    // Before the first round nothing is known, and a zero would be an alarm or a lie
    for (const gauge of [this.lastRun, this.overdue, this.failed]) gauge.remove();
  }

  async run(): Promise<void> {
    const { overdueMs, failures, ...erased } = await this.sweeper.sweep();
    for (const error of failures) this.log.warn('retention.network-not-swept', { error });
    for (const kind of ERASED_KINDS) this.erased.inc({ kind }, erased[kind]);
    this.overdue.set(overdueMs / 1_000);
    this.failed.set(failures.length);
    this.lastRun.set(this.clock.now().getTime() / 1_000);
  }
}
