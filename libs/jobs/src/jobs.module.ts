import { type DynamicModule, Module } from '@nestjs/common';
import { MeteringModule } from '#libs/metering';
import { TableReader } from '#libs/table-reader';
import { TenancyModule } from '#libs/tenancy';
import { AdmissionProgress } from './admission/admission-progress.ts';
import { FairAdmission } from './admission/fair-admission.ts';
import { HeldJobs } from './admission/held-jobs.ts';
import { Reconciler } from './admission/reconciler.ts';
import { ReservationSweeper } from './admission/reservation-sweeper.ts';
import { StrandedJobs } from './admission/stranded-jobs.ts';
import { Suspensions } from './admission/suspensions.ts';
import { BatchCanceller } from './batches/batch-canceller.ts';
import { BatchDrafts } from './batches/batch-drafts.ts';
import { BatchJobs } from './batches/batch-jobs.ts';
import { BatchReader } from './batches/batch-reader.ts';
import { BatchRepository } from './batches/batch-repository.ts';
import { BatchStarter } from './batches/batch-starter.ts';
import { DraftSweeper } from './batches/draft-sweeper.ts';
import { ContentAccessDecisions } from './content-access/content-access-decisions.ts';
import { ContentAccessRequests } from './content-access/content-access-requests.ts';
import { ContentAccessWatch } from './content-access/content-access-watch.ts';
import { ContentReader } from './content-access/content-reader.ts';
import { Conversations } from './conversations/conversations.ts';
import { CityJobs } from './city-jobs.ts';
import { WaitingJobs } from './waiting-jobs.ts';
import { ConversationShelf } from './conversations/conversation-shelf.ts';
import { IntakeRepository } from './intake/intake-repository.ts';
import { JobIntake } from './intake/job-intake.ts';
import { JobCanceller } from './job-canceller.ts';
import { JobMetrics } from './job-metrics.ts';
import { JobReader } from './job-reader.ts';
import { LostCallReconciler } from './lost-calls/lost-call-reconciler.ts';
import { LostCalls } from './lost-calls/lost-calls.ts';
import { OpenCalls } from './lost-calls/open-calls.ts';
import { Handovers } from './ownerless/handovers.ts';
import { OwnerlessContent } from './ownerless/ownerless-content.ts';
import { OwnerlessEraser } from './ownerless/ownerless-eraser.ts';
import { OwnerlessRules } from './ownerless/ownerless-rules.ts';
import { OwnerlessSweeper } from './ownerless/ownerless-sweeper.ts';
import { CityShares } from './pool/city-shares.ts';
import { CitySuspension } from './pool/city-suspension.ts';
import { PoolHistory } from './pool/pool-history.ts';
import { PoolMetrics } from './pool/pool-metrics.ts';
import { PoolOverview } from './pool/pool-overview.ts';
import { PoolSampler } from './pool/pool-sampler.ts';
import { UrgentLane } from './pool/urgent-lane.ts';
import { RetentionRound } from './retention-round.ts';
import { RetentionSweeper } from './retention-sweeper.ts';
import { JobRunner } from './run/job-runner.ts';
import { JobSettlement } from './run/job-settlement.ts';
import { LeaseKeeper } from './run/lease-keeper.ts';
import { ModelAttempts } from './run/model-attempts.ts';
import { RunRepository } from './run/run-repository.ts';
import { JobFollower } from './stream/job-follower.ts';
import { JobWatch } from './stream/job-watch.ts';
import { LiveAnswers } from './stream/live-answers.ts';
import { StreamHub } from './stream/stream-hub.ts';
import { STREAM_SECRET, StreamLinks } from './stream/stream-links.ts';

/** Where jobs come in and are read: the api. */
@Module({})
export class JobIntakeModule {
  static forRoot(options: { streamSecret: string }): DynamicModule {
    const batches = [BatchDrafts, BatchStarter, BatchCanceller, BatchReader];
    const chat = [JobIntake, JobCanceller, JobReader, JobFollower, Conversations];
    const doors = [AdmissionProgress, FairAdmission, ...chat, ...batches];
    return {
      module: JobIntakeModule,
      imports: [MeteringModule, TenancyModule],
      providers: [
        { provide: STREAM_SECRET, useValue: options.streamSecret },
        IntakeRepository,
        JobMetrics,
        ConversationShelf,
        TableReader,
        WaitingJobs,
        BatchRepository,
        BatchJobs,
        JobWatch,
        StreamLinks,
        ...doors,
      ],
      exports: doors,
    };
  }
}

/** Erasing what is kept for a limited time: the worker does it, the api foretells it. */
@Module({ providers: [BatchRepository, RetentionSweeper], exports: [RetentionSweeper] })
export class RetentionModule {}

const RUN_DOORS = [
  AdmissionProgress,
  CityJobs,
  DraftSweeper,
  HeldJobs,
  JobRunner,
  LeaseKeeper,
  LostCallReconciler,
  LostCalls,
  OwnerlessSweeper,
  PoolSampler,
  Reconciler,
  ReservationSweeper,
  RetentionRound,
  StrandedJobs,
  StreamHub,
  Suspensions,
];

/** Where jobs are run: the worker. */
@Module({
  imports: [MeteringModule, RetentionModule],
  providers: [
    BatchRepository,
    FairAdmission,
    JobMetrics,
    PoolMetrics,
    PoolOverview,
    RunRepository,
    WaitingJobs,
    ModelAttempts,
    JobSettlement,
    LiveAnswers,
    Handovers,
    OwnerlessContent,
    OwnerlessEraser,
    ...RUN_DOORS,
  ],
  exports: RUN_DOORS,
})
export class JobRunModule {}

const OWNERLESS_DOORS = [Handovers, OwnerlessContent, OwnerlessRules];

/** What becomes of what people left: the api. */
@Module({ providers: OWNERLESS_DOORS, exports: OWNERLESS_DOORS })
export class OwnerlessModule {}

const OPERATIONS_DOORS = [CityShares, CitySuspension, PoolHistory, PoolOverview, Suspensions, UrgentLane];

/** What the vendor sees of the pool and steers: the api. */
@Module({ imports: [TenancyModule], providers: OPERATIONS_DOORS, exports: OPERATIONS_DOORS })
export class PoolOperationsModule {}

const CONTENT_ACCESS_DOORS = [ContentAccessRequests, ContentAccessDecisions, ContentReader, ContentAccessWatch];

/** How one of the vendor's people comes to read what a city wrote, and how the city lets and watches it: the api. */
@Module({ providers: CONTENT_ACCESS_DOORS, exports: CONTENT_ACCESS_DOORS })
export class ContentAccessModule {}

/** What the vendor's finance sees of jobs: the api. */
@Module({ providers: [OpenCalls], exports: [OpenCalls] })
export class JobAccountingModule {}
