import { CreateRoles20261121200000 } from './20261121200000-create-roles.ts';
import { CreateTenancy20261121200100 } from './20261121200100-create-tenancy.ts';
import { CreateIdentity20261121200200 } from './20261121200200-create-identity.ts';
import { CreateAuditTrail20261121200300 } from './20261121200300-create-audit-trail.ts';
import { CreateMetering20261121200400 } from './20261121200400-create-metering.ts';
import { CreateJobs20261121200500 } from './20261121200500-create-jobs.ts';
import { CreateAdmission20261121200600 } from './20261121200600-create-admission.ts';
import { ShareThePool20261121230000 } from './20261121230000-share-the-pool.ts';
import { KeepTheLines20261121230001 } from './20261121230001-keep-the-lines.ts';
import { AdmitByQuota20261121230002 } from './20261121230002-admit-by-quota.ts';
import { SteerThePool20261121230003 } from './20261121230003-steer-the-pool.ts';
import { CountReturns20261121230050 } from './20261121230050-count-returns.ts';
import { OpenUrgentLane20261121230100 } from './20261121230100-open-urgent-lane.ts';
import { SampleThePool20261121230110 } from './20261121230110-sample-the-pool.ts';
import { BillLostCalls20261121230200 } from './20261121230200-bill-lost-calls.ts';
import { HandReservationsOver20261121230210 } from './20261121230210-hand-reservations-over.ts';
import { CreateBatches20261121230300 } from './20261121230300-create-batches.ts';
import { RateUsage20261122020000 } from './20261122020000-rate-usage.ts';
import { RateWhatWaited20261122020100 } from './20261122020100-rate-what-waited.ts';
import { ImportUsage20261122020200 } from './20261122020200-import-usage.ts';
import { ImportFaster20261122020300 } from './20261122020300-import-faster.ts';
import { CreateContracts20261122021000 } from './20261122021000-create-contracts.ts';
import { BillOneContractAMonth20261122021100 } from './20261122021100-bill-one-contract-a-month.ts';
import { CloseMonths20261122022000 } from './20261122022000-close-months.ts';
import { ReconcileCosts20261122023000 } from './20261122023000-reconcile-costs.ts';
import { IssueServiceKeys20261122023100 } from './20261122023100-issue-service-keys.ts';
import { AllotBudgets20261122024000 } from './20261122024000-allot-budgets.ts';
import { CreateTopUpRequests20261122024010 } from './20261122024010-create-top-up-requests.ts';
import { LetFinanceEstimate20261122024020 } from './20261122024020-let-finance-estimate.ts';
import { RestAfterThrottling20261122026000 } from './20261122026000-rest-after-throttling.ts';
import { KeepTrueAccounts20261122026100 } from './20261122026100-keep-true-accounts.ts';
import { FindOldDrafts20261122026200 } from './20261122026200-find-old-drafts.ts';
import { FindStaleReservations20261122026300 } from './20261122026300-find-stale-reservations.ts';
import { KeepSegmentPolicies20261122030000 } from './20261122030000-keep-segment-policies.ts';
import { FindWhatIsOver20261122030100 } from './20261122030100-find-what-is-over.ts';
import { DateTheRoster20261122031000 } from './20261122031000-date-the-roster.ts';
import { ImportTheRoster20261122031100 } from './20261122031100-import-the-roster.ts';
import { FindQuietMembers20261122031200 } from './20261122031200-find-quiet-members.ts';
import { CreateIdentityProviders20261122032000 } from './20261122032000-create-identity-providers.ts';
import { InviteMembers20261122033000 } from './20261122033000-invite-members.ts';
import { DemandSecondFactors20261122033100 } from './20261122033100-demand-second-factors.ts';
import { BindPasskeyChallenges20261122033500 } from './20261122033500-bind-passkey-challenges.ts';
import { ProvisionMembers20261122034000 } from './20261122034000-provision-members.ts';
import { WatchCities20261122035000 } from './20261122035000-watch-cities.ts';
import { HoldSuspendedJobs20261122035100 } from './20261122035100-hold-suspended-jobs.ts';
import { OnboardCities20261122035200 } from './20261122035200-onboard-cities.ts';
import { OpenContentAccesses20261122036000 } from './20261122036000-open-content-accesses.ts';
import { AnnounceMaintenance20261122036100 } from './20261122036100-announce-maintenance.ts';
import { QueueMails20261122036200 } from './20261122036200-queue-mails.ts';
import { LetCitiesLeave20261122037000 } from './20261122037000-let-cities-leave.ts';
import { RemoveCitiesThatLeft20261122037010 } from './20261122037010-remove-cities-that-left.ts';
import { WrapUnderOwnKeys20261122037020 } from './20261122037020-wrap-under-own-keys.ts';
import { ProveThatNothingStayed20261122037030 } from './20261122037030-prove-that-nothing-stayed.ts';
import { CountMonthsInParallel20261122038000 } from './20261122038000-count-months-in-parallel.ts';
import { WithdrawCorrections20261122038100 } from './20261122038100-withdraw-corrections.ts';
import { PackExportsInParts20261122041000 } from './20261122041000-pack-exports-in-parts.ts';
import { HandContentOver20261122042000 } from './20261122042000-hand-content-over.ts';
import { TellByMail20261122044000 } from './20261122044000-tell-by-mail.ts';
import { KeepInvoiceArchives20261122045000 } from './20261122045000-keep-invoice-archives.ts';
import { ShowCitiesTheirCalls20261122045100 } from './20261122045100-show-cities-their-calls.ts';
import { WriteForMany20261122047000 } from './20261122047000-write-for-many.ts';
import { SumExactly20261122048000 } from './20261122048000-sum-exactly.ts';
import { BillACallToOneCity20261122048100 } from './20261122048100-bill-a-call-to-one-city.ts';
import { ShowCitiesTheirCorrections20261122048200 } from './20261122048200-show-cities-their-corrections.ts';
import { JudgeFindings20261122049000 } from './20261122049000-judge-findings.ts';
import { ForgetMails20261122049100 } from './20261122049100-forget-mails.ts';
import { WithdrawLines20261122049200 } from './20261122049200-withdraw-lines.ts';
import { CloseInLess20261122050000 } from './20261122050000-close-in-less.ts';
import { ReadLittleOfTheLine20261122052000 } from './20261122052000-read-little-of-the-line.ts';
import { PlanReservationsAlike20261122052100 } from './20261122052100-plan-reservations-alike.ts';
import { KeepTemplates20261122054000 } from './20261122054000-keep-templates.ts';
import { EndJobsInPlace20261122056000 } from './20261122056000-end-jobs-in-place.ts';
import { AdmitInLargerRounds20261122058000 } from './20261122058000-admit-in-larger-rounds.ts';
import { HoldHeadRoom20261122058500 } from './20261122058500-hold-head-room.ts';
import { AdmitWithHeadRoom20261122058600 } from './20261122058600-admit-with-head-room.ts';
import { GiveBackWithoutTheLock20261122058700 } from './20261122058700-give-back-without-the-lock.ts';
import { OutlastLongPauses20261122061000 } from './20261122061000-outlast-long-pauses.ts';
import { MeasureEachLine20261122061100 } from './20261122061100-measure-each-line.ts';
import { EstimateByLine20261122061200 } from './20261122061200-estimate-by-line.ts';
import { HoldAnEightieth20261122062000 } from './20261122062000-hold-an-eightieth.ts';
import { LearnFromTrialsAlone20261122066000 } from './20261122066000-learn-from-trials-alone.ts';
import { FormMarkets20261122067000 } from './20261122067000-form-markets.ts';
import { CountInLines20261122067100 } from './20261122067100-count-in-lines.ts';
import { AdmitLineByLine20261122067200 } from './20261122067200-admit-line-by-line.ts';
import { TellCallsOnRecord20261123010000 } from './20261123010000-tell-calls-on-record.ts';
import { KnowCallsNotMade20261123010100 } from './20261123010100-know-calls-not-made.ts';
import { LookBackToTheStart20261123010200 } from './20261123010200-look-back-to-the-start.ts';
import { BeginAllotmentsWithImports20261123010300 } from './20261123010300-begin-allotments-with-imports.ts';
import { LearnAfterTheBreakerClosed20261123030000 } from './20261123030000-learn-after-the-breaker-closed.ts';
import { FindPlacesByCity20261123030100 } from './20261123030100-find-places-by-city.ts';
import { LookAtOpenDeployments20261123090000 } from './20261123090000-look-at-open-deployments.ts';
import { PaceDeploymentsOnce20261124000100 } from './20261124000100-pace-deployments-once.ts';
import { CoverTrialDays20261124010000 } from './20261124010000-cover-trial-days.ts';
import { BillBeforeRemoval20261124030000 } from './20261124030000-bill-before-removal.ts';
import { TopUpOneMonth20261124030100 } from './20261124030100-top-up-one-month.ts';
import { OrderTurns20261124040000 } from './20261124040000-order-turns.ts';
import { TellHowAnswersEnded20261124040100 } from './20261124040100-tell-how-answers-ended.ts';
import { FindOpenOpenings20261124050000 } from './20261124050000-find-open-openings.ts';
import { TryBesideOldCalls20261124060000 } from './20261124060000-try-beside-old-calls.ts';
import { NoteAbsences20261124060100 } from './20261124060100-note-absences.ts';

/** Every migration in the order it runs. Landed ones are never edited, removed or reordered. */
export const migrations = [
  CreateRoles20261121200000,
  CreateTenancy20261121200100,
  CreateIdentity20261121200200,
  CreateAuditTrail20261121200300,
  CreateMetering20261121200400,
  CreateJobs20261121200500,
  CreateAdmission20261121200600,
  ShareThePool20261121230000,
  KeepTheLines20261121230001,
  AdmitByQuota20261121230002,
  SteerThePool20261121230003,
  CountReturns20261121230050,
  OpenUrgentLane20261121230100,
  SampleThePool20261121230110,
  BillLostCalls20261121230200,
  HandReservationsOver20261121230210,
  CreateBatches20261121230300,
  RateUsage20261122020000,
  RateWhatWaited20261122020100,
  ImportUsage20261122020200,
  ImportFaster20261122020300,
  CreateContracts20261122021000,
  BillOneContractAMonth20261122021100,
  CloseMonths20261122022000,
  ReconcileCosts20261122023000,
  IssueServiceKeys20261122023100,
  AllotBudgets20261122024000,
  CreateTopUpRequests20261122024010,
  LetFinanceEstimate20261122024020,
  RestAfterThrottling20261122026000,
  KeepTrueAccounts20261122026100,
  FindOldDrafts20261122026200,
  FindStaleReservations20261122026300,
  KeepSegmentPolicies20261122030000,
  FindWhatIsOver20261122030100,
  DateTheRoster20261122031000,
  ImportTheRoster20261122031100,
  FindQuietMembers20261122031200,
  CreateIdentityProviders20261122032000,
  InviteMembers20261122033000,
  DemandSecondFactors20261122033100,
  BindPasskeyChallenges20261122033500,
  ProvisionMembers20261122034000,
  WatchCities20261122035000,
  HoldSuspendedJobs20261122035100,
  OnboardCities20261122035200,
  OpenContentAccesses20261122036000,
  AnnounceMaintenance20261122036100,
  QueueMails20261122036200,
  LetCitiesLeave20261122037000,
  RemoveCitiesThatLeft20261122037010,
  WrapUnderOwnKeys20261122037020,
  ProveThatNothingStayed20261122037030,
  CountMonthsInParallel20261122038000,
  WithdrawCorrections20261122038100,
  PackExportsInParts20261122041000,
  HandContentOver20261122042000,
  TellByMail20261122044000,
  KeepInvoiceArchives20261122045000,
  ShowCitiesTheirCalls20261122045100,
  WriteForMany20261122047000,
  SumExactly20261122048000,
  BillACallToOneCity20261122048100,
  ShowCitiesTheirCorrections20261122048200,
  JudgeFindings20261122049000,
  ForgetMails20261122049100,
  WithdrawLines20261122049200,
  CloseInLess20261122050000,
  ReadLittleOfTheLine20261122052000,
  PlanReservationsAlike20261122052100,
  KeepTemplates20261122054000,
  EndJobsInPlace20261122056000,
  AdmitInLargerRounds20261122058000,
  HoldHeadRoom20261122058500,
  AdmitWithHeadRoom20261122058600,
  GiveBackWithoutTheLock20261122058700,
  OutlastLongPauses20261122061000,
  MeasureEachLine20261122061100,
  EstimateByLine20261122061200,
  HoldAnEightieth20261122062000,
  LearnFromTrialsAlone20261122066000,
  FormMarkets20261122067000,
  CountInLines20261122067100,
  AdmitLineByLine20261122067200,
  TellCallsOnRecord20261123010000,
  KnowCallsNotMade20261123010100,
  LookBackToTheStart20261123010200,
  BeginAllotmentsWithImports20261123010300,
  LearnAfterTheBreakerClosed20261123030000,
  FindPlacesByCity20261123030100,
  LookAtOpenDeployments20261123090000,
  PaceDeploymentsOnce20261124000100,
  CoverTrialDays20261124010000,
  BillBeforeRemoval20261124030000,
  TopUpOneMonth20261124030100,
  OrderTurns20261124040000,
  TellHowAnswersEnded20261124040100,
  FindOpenOpenings20261124050000,
  TryBesideOldCalls20261124060000,
  NoteAbsences20261124060100,
];
