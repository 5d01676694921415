import { Injectable } from '@nestjs/common';
import type { TenantSeal } from '#libs/database';
import { JobMetrics } from '../job-metrics.ts';
import type { ClaimedJob } from '../run/run-repository.ts';

/** An answer being written by this process. */
export interface LiveAnswer {
  readonly fence: number;
  readonly seal: TenantSeal;
  readonly job: Pick<ClaimedJob, 'acceptedAt' | 'lane'>;
  text: string;
}

export type AnswerListener = (jobId: string, ended: boolean) => void;

/** The answers this worker is writing, whole and in memory, so that a reader can join at any point without a gap. */
@Injectable()
export class LiveAnswers {
  private readonly answers = new Map<string, LiveAnswer>();
  private readonly listeners = new Set<AnswerListener>();

  constructor(private readonly metrics: JobMetrics) {}

  open(job: ClaimedJob, seal: TenantSeal): void {
    this.metrics.began(job.lane);
    this.answers.set(job.id, { fence: job.fence, seal, job, text: '' });
  }

  /** Of two executions in one process (it was paused, and met its own job again) only the later one is heard. */
  append(jobId: string, fence: number, text: string): void {
    const answer = this.answers.get(jobId);
    if (answer?.fence !== fence) return;
    if (answer.text === '') this.metrics.firstText(answer.job);
    answer.text += text;
    this.tell(jobId, false);
  }

  close(jobId: string, fence: number): void {
    if (this.answers.get(jobId)?.fence !== fence) return;
    this.tell(jobId, true);
    this.answers.delete(jobId);
  }

  get(jobId: string): LiveAnswer | undefined {
    return this.answers.get(jobId);
  }

  subscribe(listener: AnswerListener): void {
    this.listeners.add(listener);
  }

  private tell(jobId: string, ended: boolean): void {
    for (const listener of this.listeners) listener(jobId, ended);
  }
}
