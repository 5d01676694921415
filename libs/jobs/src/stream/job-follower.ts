import { Injectable } from '@nestjs/common';
import { ContentSeal, type TenantSeal } from '#libs/database';
import { ModelPool } from '#libs/model-pool';
import { FairAdmission, type QueuePosition } from '../admission/fair-admission.ts';
import { JobReader, type JobSnapshot } from '../job-reader.ts';
import type { JobEvent, Requester } from '../job.ts';
import { isTerminal } from '../job-state.ts';
import { AnswerCursor } from './answer-cursor.ts';
import { JobWatch } from './job-watch.ts';
import { Looks } from './looks.ts';
import { type AnswerReplica, StreamLinks } from './stream-links.ts';
import { Wake } from './wake.ts';

export interface FollowOptions {
  /** The token of the last delta the reader has, from whatever process it got it. */
  readonly resumeToken?: string | undefined;
  /** The job was accepted by this very request, its reading put on record with it: there is no need to look it up. */
  readonly accepted?: { readonly model: string } | undefined;
  /** Ends the following: the reader went away or may no longer read. */
  readonly signal: AbortSignal;
}

/** Most jobs start sooner, and nobody reads a place in line that is gone by then: only of one that waits is it looked up. */
const PLACE_LOOKED_UP_AFTER_MS = 200;

interface Execution {
  readonly worker: string;
  readonly fence: number;
  readonly simulated: boolean;
}

type FollowedJob = Omit<JobSnapshot, 'id' | 'conversationId' | 'acceptedAt' | 'startedAt' | 'finishedAt'>;

const newJob = (model: string): FollowedJob => ({
  status: 'queued',
  model,
  fence: 0,
  simulated: null,
  workerAddress: null,
  text: null,
  finishReason: null,
  errorCode: null,
  usage: null,
});

/** Tells a job's life to one reader, live and in order, across worker losses and restarts of this process. */
@Injectable()
export class JobFollower {
  constructor(
    private readonly reader: JobReader,
    private readonly contentSeal: ContentSeal,
    private readonly pool: ModelPool,
    private readonly watch: JobWatch,
    private readonly links: StreamLinks,
    private readonly admission: FairAdmission,
  ) {}

  /**
   * Events until the terminal one. The reader sets the pace: text that came meanwhile arrives as one delta.
   * @throws DomainError REQUEST.NOT_FOUND before the first event
   */
  async *follow(
    requester: Requester,
    jobId: string,
    options: FollowOptions,
  ): AsyncGenerator<JobEvent, void, undefined> {
    const { tenantId } = requester.scope;
    const seal = await this.contentSeal.forTenant(requester.scope);
    const following = new Following(jobId, seal, this.links, options);
    const looks = new Looks();
    const unwatch = this.watch.watch({ tenantId, jobId }, (news) => {
      if (news.kind === 'position') following.placed(news.position);
      else if (news.kind === 'started') following.startedBy(news);
      else following.lookAgain();
    });
    try {
      let snapshot: FollowedJob = options.accepted
        ? newJob(options.accepted.model)
        : await this.reader.snapshot(requester, jobId, true);
      // A life is told from its beginning, unless the reader has heard that already.
      if (options.resumeToken === undefined) {
        if (snapshot.status === 'queued' && !(await following.heardWithin(PLACE_LOOKED_UP_AFTER_MS))) {
          const place = await this.admission.place(tenantId, jobId, snapshot.fence);
          if (place) following.placed(place);
        }
        yield following.place();
      }
      for (;;) {
        if (isTerminal(snapshot.status)) {
          yield* following.ending(snapshot);
          return;
        }
        if (snapshot.workerAddress) following.startedBy(this.executionOf(snapshot));
        else if (following.returned(snapshot.fence)) {
          const place = await this.admission.place(tenantId, jobId, snapshot.fence);
          if (place) following.placed(place);
          yield following.place();
        }
        yield* following.untilLook(snapshot.model);
        if (options.signal.aborted) return;
        snapshot = (await looks.take(() => this.reader.snapshot(requester, jobId, false))) ?? snapshot;
      }
    } finally {
      unwatch();
      following.stop();
    }
  }

  /**
   * The job as it ended, for whoever wants the answer in one piece: nothing of it is sent before.
   * @returns null when the reader has left
   */
  async end(
    requester: Requester,
    jobId: string,
    { signal, accepted }: Omit<FollowOptions, 'resumeToken'>,
  ): Promise<JobSnapshot | null> {
    const wake = new Wake();
    const looks = new Looks();
    const unwatch = this.watch.watch({ tenantId: requester.scope.tenantId, jobId }, ({ kind }) => {
      if (kind === 'look') wake.ring();
    });
    signal.addEventListener('abort', wake.ring, { once: true });
    try {
      const found = accepted ? null : await this.reader.snapshot(requester, jobId, true);
      if (found && isTerminal(found.status)) return found;
      for (;;) {
        if (!signal.aborted) await wake.wait();
        if (signal.aborted) return null;
        const snapshot = await looks.take(() => this.reader.snapshot(requester, jobId, false));
        if (snapshot && isTerminal(snapshot.status)) return snapshot;
      }
    } finally {
      signal.removeEventListener('abort', wake.ring);
      unwatch();
    }
  }

  private executionOf({ workerAddress, fence, model }: FollowedJob): Execution {
    return { worker: workerAddress!, fence, simulated: this.pool.isSimulated(model) };
  }
}

/** One reader's state between looks at the row. */
class Following {
  private readonly wake = new Wake();
  private readonly cursor: AnswerCursor;
  private execution: Execution | undefined;
  private announcedFence = 0;
  /** The last execution that gave the job back; what is heard of it from then on is late. */
  private returnedFence = 0;
  /** The execution that wrote what the cursor has taken. */
  private takenFence = 0;
  private attachWanted = false;
  private replica: AnswerReplica | undefined;
  private replicaWorker = '';
  private position: QueuePosition | undefined;
  private news = false;
  private look = false;

  constructor(
    private readonly jobId: string,
    private readonly seal: TenantSeal,
    private readonly links: StreamLinks,
    private readonly options: FollowOptions,
  ) {
    this.cursor = new AnswerCursor(options.resumeToken);
    options.signal.addEventListener('abort', this.wake.ring, { once: true });
  }

  startedBy(execution: Execution): void {
    const known = this.execution?.fence ?? this.returnedFence;
    // The same execution again is news only where the way to it was lost.
    if (execution.fence < known || (execution.fence === known && !this.replica?.over)) return;
    this.execution = execution;
    this.attachWanted = true;
    this.wake.ring();
  }

  /** The job is in line again. @returns whether the reader was told of the execution that gave it back */
  returned(fence: number): boolean {
    if (!this.execution || this.execution.fence > fence) return false;
    this.returnedFence = fence;
    this.execution = undefined;
    this.attachWanted = false;
    this.detach();
    return true;
  }

  placed(position: QueuePosition): void {
    if (position.running || this.execution) {
      // Whoever is attached hears of everything; anybody else must find out where to attach, or that nobody has the job.
      if (!this.replica || this.replica.over) this.lookAgain();
      return;
    }
    this.news = this.position?.ahead !== position.ahead || this.position.waitMs !== position.waitMs;
    this.position = position;
    if (this.news) this.wake.ring();
  }

  /** @returns whether there was news of the job, or its reader left */
  async heardWithin(milliseconds: number): Promise<boolean> {
    let heard = true;
    const timer = setTimeout(() => {
      heard = false;
      this.wake.ring();
    }, milliseconds);
    await this.wake.wait();
    clearTimeout(timer);
    return heard;
  }

  lookAgain(): void {
    this.look = true;
    this.wake.ring();
  }

  place(): JobEvent {
    this.news = false;
    return {
      type: 'queued',
      position: this.position?.ahead ?? 0,
      estimatedWaitMs: this.position ? this.position.waitMs : 0,
    };
  }

  /** Streams until only the row can tell how it goes on. */
  async *untilLook(model: string): AsyncGenerator<JobEvent, void, undefined> {
    while (!this.look && !this.options.signal.aborted) {
      if (this.execution && this.attachWanted) {
        const { fence, simulated } = this.execution;
        const begun = this.attach(this.execution);
        if (begun) yield { type: 'started', attempt: fence, model, simulated };
      } else if (this.news && !this.execution) yield this.place();
      const delta = this.replica && this.take(this.replica);
      if (delta) yield delta;
      else await this.wake.wait();
    }
    this.look = false;
  }

  /** What is left of the answer, its usage and the terminal event. */
  *ending(snapshot: FollowedJob): Generator<JobEvent, void, undefined> {
    const { status, text, usage, finishReason, errorCode, fence, model, simulated } = snapshot;
    const unheard = this.announcedFence === 0 && this.options.resumeToken === undefined;
    if (unheard && simulated !== null) yield { type: 'started', attempt: fence, model, simulated };
    // What is stored decides: the reader may hold the words of an execution that was lost.
    this.cursor.restart();
    for (let rest = this.next(text); rest; rest = this.next(text)) yield rest;
    if (usage) yield { type: 'usage', usage };
    if (status === 'completed') yield { type: 'completed', finishReason: finishReason ?? 'stop' };
    else if (status === 'cancelled') yield { type: 'cancelled' };
    else yield { type: 'failed', code: errorCode ?? 'SYSTEM.UNEXPECTED' };
  }

  private next(finalText: string | null): JobEvent | null {
    return this.cursor.take(finalText ?? '', true);
  }

  stop(): void {
    this.options.signal.removeEventListener('abort', this.wake.ring);
    this.detach();
  }

  /** @returns true when this execution is a new one to the reader */
  private attach({ worker, fence }: Execution): boolean {
    this.detach();
    const begun = fence !== this.announcedFence;
    this.announcedFence = fence;
    this.attachWanted = false;
    this.replicaWorker = worker;
    this.replica = this.links.attach(worker, this.jobId, this.seal, this.wake.ring);
    return begun;
  }

  /** A worker that was paused may write the same job anew without our having attached anew. */
  private take(replica: AnswerReplica): JobEvent | null {
    if (replica.fence !== this.takenFence) this.cursor.restart();
    this.takenFence = replica.fence;
    return this.cursor.take(replica.text, false);
  }

  private detach(): void {
    if (this.replica) this.links.detach(this.replicaWorker, this.replica, this.wake.ring);
    this.replica = undefined;
  }
}
