import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Log } from '#libs/observability';
import { type Signal, Signals } from '#libs/queue';
import { FairAdmission, type JobKey, type QueuePosition } from '../admission/fair-admission.ts';

const INTERVAL_MS = 1_000;

/** Why a watcher is woken: `started` and `look` say that the row has moved on, `position` where in line the job is now. */
export type WatchNews =
  | { readonly kind: 'started'; readonly worker: string; readonly fence: number; readonly simulated: boolean }
  | { readonly kind: 'position'; readonly position: QueuePosition }
  | { readonly kind: 'look' };

export type Watcher = (news: WatchNews) => void;

interface Watched {
  readonly job: JobKey;
  readonly watchers: Set<Watcher>;
}

/** Of so many jobs that nobody here watches yet the last news is kept: a job may have begun before its reader watches. */
const UNHEARD = 2_000;

/**
 * Wakes those who wait for jobs. Signals do it at once; since signals may be lost, one query a second over everything
 * this process watches (not one per reader) finds what they missed and tells the positions.
 */
@Injectable()
export class JobWatch implements OnApplicationShutdown {
  private readonly watched = new Map<string, Watched>();
  private readonly unheard = new Map<string, WatchNews>();
  private readonly endSubscription: () => void;
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(
    signals: Signals,
    private readonly admission: FairAdmission,
    private readonly log: Log,
  ) {
    this.endSubscription = signals.subscribe((signal) => this.onSignal(signal));
  }

  watch(job: JobKey, watcher: Watcher): () => void {
    const { jobId } = job;
    const watched = this.watched.get(jobId) ?? { job, watchers: new Set() };
    this.watched.set(jobId, watched);
    watched.watchers.add(watcher);
    const missed = this.unheard.get(jobId);
    if (missed && this.unheard.delete(jobId)) watcher(missed);
    this.timer ??= setInterval(() => void this.lookAtLine(), INTERVAL_MS);
    return () => {
      watched.watchers.delete(watcher);
      if (watched.watchers.size === 0 && this.watched.get(jobId) === watched) this.watched.delete(jobId);
      if (this.watched.size === 0) this.stop();
    };
  }

  onApplicationShutdown(): void {
    this.endSubscription();
    this.stop();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private onSignal(signal: Signal): void {
    if (signal.kind === 'job.started') {
      const { worker, fence, simulated } = signal;
      this.tell(signal.jobId, { kind: 'started', worker, fence, simulated });
    } else if (signal.kind === 'job.finished' || signal.kind === 'job.returned')
      this.tell(signal.jobId, { kind: 'look' });
  }

  private async lookAtLine(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      const jobs = [...this.watched.values()].map(({ job }) => job);
      const inLine = new Map((await this.admission.positions(jobs)).map((position) => [position.jobId, position]));
      for (const { jobId } of jobs) {
        const position = inLine.get(jobId);
        // One that is no longer in line has finished.
        this.tell(jobId, position ? { kind: 'position', position } : { kind: 'look' });
      }
    } catch (error) {
      this.log.warn('positions.not-read', { error });
    } finally {
      this.looking = false;
    }
  }

  private tell(jobId: string, news: WatchNews): void {
    const watched = this.watched.get(jobId);
    if (!watched) this.keep(jobId, news);
    for (const watcher of watched?.watchers ?? []) watcher(news);
  }

  private keep(jobId: string, news: WatchNews): void {
    this.unheard.set(jobId, news);
    const [oldest] = this.unheard.keys();
    if (this.unheard.size > UNHEARD) this.unheard.delete(oldest!);
  }
}
