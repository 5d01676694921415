export { AdmissionProgress } from './admission/admission-progress.ts';
export { FairAdmission, type QueuePosition } from './admission/fair-admission.ts';
export { DraftSweeper } from './batches/draft-sweeper.ts';
export { Reconciler } from './admission/reconciler.ts';
export { RetentionRound } from './retention-round.ts';
export { RetentionSweeper } from './retention-sweeper.ts';
export { ReservationSweeper } from './admission/reservation-sweeper.ts';
export { HeldJobs } from './admission/held-jobs.ts';
export { StrandedJobs } from './admission/stranded-jobs.ts';
export { Suspensions } from './admission/suspensions.ts';
export { CityShares } from './pool/city-shares.ts';
export { CitySuspension } from './pool/city-suspension.ts';
export { PoolHistory, type PoolSample } from './pool/pool-history.ts';
export { PoolOverview } from './pool/pool-overview.ts';
export { PoolSampler } from './pool/pool-sampler.ts';
export { UrgentLane, type UrgentOpeningRecord } from './pool/urgent-lane.ts';
export type { BatchDetail, BatchForecast, BatchRowView, BatchView } from './batches/batch.ts';
export { BatchCanceller } from './batches/batch-canceller.ts';
export { BatchDrafts } from './batches/batch-drafts.ts';
export { BatchReader } from './batches/batch-reader.ts';
export { BatchStarter } from './batches/batch-starter.ts';
export { type ResultWords, resultCsv, resultXlsx } from './batches/result-file.ts';
export {
  CONTENT_ACCESS_MINUTES,
  CONTENT_ACCESS_STATES,
  type ContentAccess,
  stateOf as contentAccessStateOf,
} from './content-access/content-access.ts';
export { type CityContentAccess, ContentAccessDecisions } from './content-access/content-access-decisions.ts';
export { ContentAccessRequests } from './content-access/content-access-requests.ts';
export { ContentAccessWatch } from './content-access/content-access-watch.ts';
export { ContentReader, type JobInReach, type JobWords } from './content-access/content-reader.ts';
export { type Conversation, Conversations } from './conversations/conversations.ts';
export { JobIntake } from './intake/job-intake.ts';
export { boundedMaxTokens } from './intake/token-limits.ts';
export { CityJobs } from './city-jobs.ts';
export { JobCanceller } from './job-canceller.ts';
export { JobReader, type JobSnapshot } from './job-reader.ts';
export type { ChatRequest, JobEvent, JobView, Requester } from './job.ts';
export {
  ContentAccessModule,
  JobAccountingModule,
  JobIntakeModule,
  JobRunModule,
  OwnerlessModule,
  PoolOperationsModule,
  RetentionModule,
} from './jobs.module.ts';
export { LostCallReconciler } from './lost-calls/lost-call-reconciler.ts';
export { type Handover, Handovers, TAKE_BACK_DAYS } from './ownerless/handovers.ts';
export { type FormerOwner, OwnerlessContent } from './ownerless/ownerless-content.ts';
export { OWNERLESS_DAYS, OWNERLESS_RULES, OwnerlessRules } from './ownerless/ownerless-rules.ts';
export { OwnerlessSweeper } from './ownerless/ownerless-sweeper.ts';
export { LostCalls } from './lost-calls/lost-calls.ts';
export { OpenCalls } from './lost-calls/open-calls.ts';
export { JobRunner, type WorkerIdentity } from './run/job-runner.ts';
export { LeaseKeeper } from './run/lease-keeper.ts';
export { JobFollower } from './stream/job-follower.ts';
export { StreamHub } from './stream/stream-hub.ts';
