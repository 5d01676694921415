import { pause } from '../load/closed-loop.ts';
import type { LineJob } from './waiting-line.ts';

export interface Service {
  readonly job: LineJob;
  readonly arrivedAt: number;
  startedAt?: number;
  endedAt?: number;
}

/** Stands for the models: a job holds its place for a time in proportion to its tokens. Remembers when each came and went. */
export class ServicePool {
  readonly services = new Map<string, Service>();
  private readonly msPerToken: number;
  private closed = false;

  constructor(msPerToken: number) {
    this.msPerToken = msPerToken;
  }

  arrive(job: LineJob): void {
    this.services.set(job.id, { job, arrivedAt: performance.now() });
  }

  /** Holds a place for one job. */
  async serve(jobId: string): Promise<void> {
    const service = this.services.get(jobId)!;
    if (this.closed) return;
    if (service.startedAt !== undefined) throw new Error(`job ${jobId} was given a place twice`);
    service.startedAt = performance.now();
    await pause(service.job.tokens * this.msPerToken);
    service.endedAt = performance.now();
  }

  /** What is delivered from now on holds no place: the measurement is over. */
  close(): void {
    this.closed = true;
  }

  /** The part of `places` that was held between two moments. */
  busy(places: number, from: number, to: number): number {
    let held = 0;
    for (const { startedAt, endedAt = to } of this.services.values())
      if (startedAt !== undefined) held += Math.max(0, Math.min(endedAt, to) - Math.max(startedAt, from));
    return held / (places * (to - from));
  }

  /** Tokens by city, each job counted for the part of it that was served between two moments. */
  tokensByCity(from: number, to: number): Map<string, number> {
    const tokens = new Map<string, number>();
    for (const { job, startedAt, endedAt } of this.services.values()) {
      if (startedAt === undefined) continue;
      const end = endedAt ?? startedAt + job.tokens * this.msPerToken;
      const part = Math.max(0, Math.min(end, to) - Math.max(startedAt, from)) / (end - startedAt);
      tokens.set(job.city, (tokens.get(job.city) ?? 0) + part * job.tokens);
    }
    return tokens;
  }
}

/** 1 when all are equal, 1/n when one has everything. */
export function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  return (sum * sum) / (values.length * squares);
}
