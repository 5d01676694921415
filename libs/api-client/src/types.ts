import type { paths } from './schema.gen.ts';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Operation<Path extends keyof paths, Verb extends Method> = NonNullable<paths[Path][Verb]>;
type ResponsesOf<Of> = Of extends { responses: infer All } ? All : never;
type Json<Response> = Response extends { content: { 'application/json': infer Body } } ? Body : never;

/**
 * Names for the wire's bodies, taken from the paths rather than retyped: a change of the API is a type error here.
 * Only 2xx answers count, because an error is never a value (see unwrap).
 */
type Answer<Path extends keyof paths, Verb extends Method> = {
  [Status in keyof ResponsesOf<Operation<Path, Verb>>]: Status extends 200 | 201 | 202
    ? Json<ResponsesOf<Operation<Path, Verb>>[Status]>
    : never;
}[keyof ResponsesOf<Operation<Path, Verb>>];

export type Me = Answer<'/api/v1/me', 'get'>;
export type Segment = Me['segment'];
export type Role = Me['member']['role'];
export type Model = Answer<'/api/v1/models', 'get'>['items'][number];
export type Job = Answer<'/api/v1/jobs/{id}', 'get'>;
export type JobUsage = NonNullable<Job['usage']>;
export type ConversationSummary = Answer<'/api/v1/conversations', 'get'>['items'][number];
export type Conversation = Answer<'/api/v1/conversations/{id}', 'get'>;
export type Turn = Conversation['turns'][number];
export type Batch = Answer<'/api/v1/batches/{id}', 'get'>;
export type ListedBatch = Answer<'/api/v1/batches', 'get'>['items'][number];
export type QuietMember = Answer<'/api/v1/quiet-members', 'get'>['items'][number];
export type QuietDepartment = Answer<'/api/v1/quiet-departments', 'get'>['items'][number];
export type RosterImport = Answer<'/api/v1/roster-imports/{id}', 'get'>;
export type RosterChange = Answer<'/api/v1/roster-imports/{id}/changes', 'get'>['items'][number];
export type RosterCalendarEntry = Answer<'/api/v1/roster-calendar', 'get'>['items'][number];
export type Template = Answer<'/api/v1/templates', 'get'>['items'][number];
export type TemplateWithBody = Answer<'/api/v1/templates/{id}', 'get'>;
export type Audience = Template['audience'];
export type FormerOwner = Answer<'/api/v1/ownerless-content', 'get'>['items'][number];
export type OwnerlessRule = Answer<'/api/v1/ownerless-content/rule', 'get'>;
export type Handover = Answer<'/api/v1/handovers', 'get'>['items'][number];
export type RosterFault = Answer<'/api/v1/roster-imports/{id}/faults', 'get'>['items'][number];
export type BatchForecast = Answer<'/api/v1/batches/{id}/forecast', 'post'>;
export type BatchRow = Answer<'/api/v1/batches/{id}/rows', 'get'>['items'][number];
export type Purpose = Answer<'/api/v1/purposes', 'get'>['items'][number];
export type SegmentPolicy = Answer<'/api/v1/segment-policies/{segment}', 'patch'>;
export type SegmentPolicyChange = Partial<Omit<SegmentPolicy, 'segment'>>;
export type ErasureForecast = Answer<'/api/v1/segment-policies/{segment}/erasures', 'get'>;
export type Department = Answer<'/api/v1/departments', 'get'>['items'][number];
export type Member = Answer<'/api/v1/members', 'get'>['items'][number];
/** Of a city's first administrator. */
export type CityInvitation = Answer<'/api/ops/v1/cities/{id}/invitation', 'post'>;
export type IssuedInvitation = Answer<'/api/v1/members/{id}/invitations', 'post'>;
export type InvitationView = Answer<'/api/v1/invitation-lookups', 'post'>;
export type Provisioning = Answer<'/api/v1/provisioning', 'get'>;
export type ProvisionedRole = Provisioning['roles'][number];
export type ApiKey = Answer<'/api/v1/api-keys', 'get'>['items'][number];
export type Budget = Answer<'/api/v1/budgets', 'get'>['items'][number];
export type Allotment = Answer<'/api/v1/budgets/{month}/allotments', 'get'>['items'][number];
export type BudgetNotice = Answer<'/api/v1/budget-notices', 'get'>['items'][number];
export type TopUpRequest = Answer<'/api/v1/top-up-requests', 'get'>['items'][number];
export type Forecast = Answer<'/api/v1/forecast', 'get'>;
export type Estimate = Answer<'/api/v1/estimate', 'get'>;
export type Usage = Answer<'/api/v1/usage', 'get'>;
export type UsageGroup = Usage['groupBy'];
export type AuditEntry = Answer<'/api/v1/audit-entries', 'get'>['items'][number];
export type ContentAccess = Answer<'/api/v1/content-accesses', 'get'>['items'][number];
export type CityExit = NonNullable<Answer<'/api/v1/exit', 'get'>['exit']>;
export type CityExitRecord = Answer<'/api/ops/v1/city-exits/{id}', 'get'>;
export type DataExport = Answer<'/api/v1/data-exports', 'get'>['items'][number];
export type ContentReading = Answer<'/api/v1/content-accesses/{id}/readings', 'get'>['items'][number];
export type VendorContentAccess = Answer<'/api/ops/v1/content-accesses', 'get'>['items'][number];
export type JobWords = Answer<'/api/ops/v1/content-accesses/{id}/jobs/{jobId}', 'get'>;
export type JobInReach = Answer<'/api/ops/v1/content-accesses/{id}/jobs', 'get'>['items'][number];
export type PendingSignIn = Answer<'/api/ops/v1/sessions', 'post'>;
export type FactorProof = NonNullable<
  paths['/api/v1/sessions/current/second-factor']['post']['requestBody']
>['content']['application/json'];
export type NewPasskey = NonNullable<
  paths['/api/v1/me/passkeys']['post']['requestBody']
>['content']['application/json'];
export type StepUp = NonNullable<paths['/api/v1/me/step-up']['post']['requestBody']>['content']['application/json'];
export type SecondFactors = Answer<'/api/v1/me/second-factors', 'get'>;
export type OpenSession = Answer<'/api/v1/me/sessions', 'get'>['items'][number];
export type VendorUser = Answer<'/api/ops/v1/vendor-users', 'get'>['items'][number];
export type CityNotice = Answer<'/api/v1/notices', 'get'>['items'][number];
export type MaintenanceNotice = Answer<'/api/ops/v1/notices', 'get'>['items'][number];
export type MaintenanceRecord = Answer<'/api/ops/v1/maintenance-notices', 'get'>['items'][number];
export type MailRecord = Answer<'/api/ops/v1/mails', 'get'>['items'][number];
export type VendorMe = Answer<'/api/ops/v1/me', 'get'>;
export type City = Answer<'/api/ops/v1/cities', 'get'>['items'][number];
export type CityWithWish = Answer<'/api/finance/v1/contracts/missing-cities', 'get'>['items'][number];
export type InvoiceArchive = NonNullable<Answer<'/api/finance/v1/periods/{month}/archive', 'get'>['archive']>;
export type CityReport = Answer<'/api/ops/v1/cities/{id}/report', 'get'>;
export type Onboarding = Answer<'/api/ops/v1/onboardings/{id}', 'get'>;
export type OnboardingDraft = Onboarding['draft'];
export type FirstSteps = Answer<'/api/v1/first-steps', 'get'>;
export type PoolState = Answer<'/api/ops/v1/pool', 'get'>;
export type PoolDeployment = PoolState['deployments'][number];
export type PoolLane = PoolState['lanes'][number];
export type PoolSample = Answer<'/api/ops/v1/pool/samples', 'get'>['items'][number];
export type CityShare = Answer<'/api/ops/v1/pool/cities', 'get'>['items'][number];
export type UrgentOpening = Answer<'/api/ops/v1/urgent-openings', 'get'>['items'][number];
export type CityUsage = Answer<'/api/finance/v1/usage', 'get'>;
export type PriceBook = Answer<'/api/finance/v1/prices', 'get'>;
export type ModelPrice = PriceBook['items'][number];
export type FxRate = Answer<'/api/finance/v1/fx-rates', 'get'>['items'][number];
export type PriceList = Answer<'/api/v1/prices', 'get'>;
export type PublishedPrice = PriceList['items'][number];
export type CostReport = Answer<'/api/finance/v1/cost-reports', 'post'>;
export type Reconciliation = Answer<'/api/finance/v1/reconciliations/{month}', 'get'>;
export type Variance = Reconciliation['variances'][number];
export type UnmappedUsage = Reconciliation['unmapped'][number];
export type UsageTypeModel = Answer<'/api/finance/v1/usage-type-models', 'get'>['items'][number];
export type LinkedMember = Answer<'/api/v1/identity-providers/{id}/members', 'get'>['items'][number];
export type IdentityProvider = Answer<'/api/v1/identity-providers', 'get'>['items'][number];
export type ServiceKey = Answer<'/api/finance/v1/service-keys', 'get'>['items'][number];
export type ContractEntry = Answer<'/api/finance/v1/contracts', 'get'>['items'][number];
export type Contract = Answer<'/api/finance/v1/contracts/{id}', 'get'>;
export type ContractTerms = Contract['terms'][number];
export type AgreedTerms = ContractTerms['terms'];
export type Plan = Answer<'/api/finance/v1/plans', 'get'>['items'][number];
export type Council = Answer<'/api/finance/v1/councils', 'get'>['items'][number];
export type BudgetItem = Answer<'/api/v1/budget-items', 'get'>['items'][number];
export type BillingPeriod = Answer<'/api/finance/v1/periods', 'get'>['items'][number];
export type BillingPeriodDetail = Answer<'/api/finance/v1/periods/{month}', 'get'>;
export type Invoice = Answer<'/api/finance/v1/invoices', 'get'>['items'][number];
export type InvoiceDetail = Answer<'/api/finance/v1/invoices/{id}', 'get'>;
export type BilledCall = Answer<'/api/finance/v1/invoices/{id}/calls', 'get'>['items'][number];
export type UsageCorrection = Answer<'/api/finance/v1/usage-corrections', 'get'>['items'][number];
export type InvoiceContents = InvoiceDetail['contents'];
export type IssuedInvoice = Answer<'/api/v1/invoices/{id}', 'get'>;
