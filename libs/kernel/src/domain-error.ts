/**
 * Every failure a caller can meet, by stable code. The value says whose move is next and decides the HTTP status;
 * the words people read live where they are shown (apps/api, apps/portal), one exhaustive record each.
 */
export const ERROR_CODES = {
  'REQUEST.MALFORMED': 'malformed',
  'REQUEST.INVALID': 'invalid',
  'REQUEST.TOO_LARGE': 'too_large',
  'REQUEST.UNSUPPORTED_MEDIA_TYPE': 'unsupported_media_type',
  'REQUEST.RANGE_NOT_SATISFIABLE': 'out_of_range',
  'REQUEST.CROSS_SITE': 'forbidden',
  'REQUEST.NOT_FOUND': 'not_found',
  'REQUEST.IDEMPOTENCY_MISMATCH': 'conflict',
  'IDENTITY.UNAUTHENTICATED': 'unauthenticated',
  'IDENTITY.SIGN_IN_FAILED': 'unauthenticated',
  'IDENTITY.THROTTLED': 'throttled',
  'IDENTITY.FORBIDDEN': 'forbidden',
  'IDENTITY.TOO_MANY_REQUESTS': 'throttled',
  'IDENTITY.PASSWORD_REFUSED': 'invalid',
  'IDENTITY.SECOND_FACTOR_REQUIRED': 'unauthenticated',
  'IDENTITY.STEP_UP_REQUIRED': 'forbidden',
  'IDENTITY.PROOF_WRONG': 'invalid',
  'IDENTITY.PASSKEY_REFUSED': 'invalid',
  'IDENTITY.LAST_FACTOR': 'conflict',
  'IDENTITY.OWN_FACTORS': 'conflict',
  'IDENTITY.NO_FACTOR': 'conflict',
  'IDENTITY.TOO_MANY_FACTORS': 'conflict',
  'IDENTITY.MEMBER_DISABLED': 'conflict',
  'IDENTITY.MEMBER_UNKNOWN': 'invalid',
  'IDENTITY.EXTERNAL_ID_TAKEN': 'conflict',
  'SCIM.FILTER_INVALID': 'malformed',
  'SCIM.PATH_INVALID': 'malformed',
  'SCIM.READ_ONLY': 'malformed',
  'SCIM.CHANGED_MEANWHILE': 'conflict',
  'IDENTITY.INVITATION_UNKNOWN': 'invalid',
  'IDENTITY.INVITATION_USED': 'conflict',
  'IDENTITY.INVITATION_EXPIRED': 'conflict',
  'IDENTITY.INVITATION_REVOKED': 'conflict',
  'SSO.NOT_STARTED_HERE': 'unauthenticated',
  'SSO.REQUEST_EXPIRED': 'unauthenticated',
  'SSO.PROVIDER_DISABLED': 'unauthenticated',
  'SSO.RESPONSE_MALFORMED': 'unauthenticated',
  'SSO.REFUSED_BY_PROVIDER': 'unauthenticated',
  'SSO.ENCRYPTION_NOT_SUPPORTED': 'unauthenticated',
  'SSO.SIGNATURE_MISSING': 'unauthenticated',
  'SSO.SIGNATURE_INVALID': 'unauthenticated',
  'SSO.ALGORITHM_REFUSED': 'unauthenticated',
  'SSO.KEY_UNKNOWN': 'unauthenticated',
  'SSO.CERTIFICATE_EXPIRED': 'unauthenticated',
  'SSO.ISSUER_WRONG': 'unauthenticated',
  'SSO.AUDIENCE_WRONG': 'unauthenticated',
  'SSO.RECIPIENT_WRONG': 'unauthenticated',
  'SSO.NONCE_WRONG': 'unauthenticated',
  'SSO.CLOCK_DIFFERENCE': 'unauthenticated',
  'SSO.RESPONSE_EXPIRED': 'unauthenticated',
  'SSO.REPLAYED': 'unauthenticated',
  'SSO.SUBJECT_UNUSABLE': 'unauthenticated',
  'SSO.LOGIN_ID_UNUSABLE': 'unauthenticated',
  'SSO.LOGIN_ID_TAKEN': 'unauthenticated',
  'SSO.MEMBER_UNKNOWN': 'unauthenticated',
  'SSO.MEMBER_DISABLED': 'unauthenticated',
  'SSO.PROVIDER_UNREACHABLE': 'unavailable',
  'SSO.METADATA_INVALID': 'invalid',
  'SSO.BACK_CHANNEL_CLOSED': 'invalid',
  'SSO.NOT_READY': 'conflict',
  'SSO.NAME_TAKEN': 'conflict',
  'SSO.SUBJECT_TAKEN': 'conflict',
  'SSO.STILL_ENABLED': 'conflict',
  'TENANCY.CODE_INVALID': 'invalid',
  'TENANCY.CODE_TAKEN': 'conflict',
  'TENANCY.SUSPENDED': 'forbidden',
  'TENANCY.FROZEN': 'forbidden',
  'TENANCY.TRIAL_ENDED': 'forbidden',
  'TENANCY.STATUS_CHANGED': 'conflict',
  'TENANCY.TRIAL_INVALID': 'invalid',
  'TENANCY.ADMIN_CAME': 'conflict',
  'TENANCY.LOGIN_ID_TAKEN': 'conflict',
  'TENANCY.DEPARTMENT_UNKNOWN': 'invalid',
  'TENANCY.DEPARTMENT_CYCLE': 'invalid',
  'TENANCY.DEPARTMENT_CODE_TAKEN': 'conflict',
  'TENANCY.PURPOSE_CODE_TAKEN': 'conflict',
  'TENANCY.LAST_ADMIN': 'conflict',
  'TENANCY.SEGMENT_CLOSED': 'forbidden',
  'TENANCY.ADDRESS_REFUSED': 'forbidden',
  'TENANCY.ADDRESS_RANGE_INVALID': 'invalid',
  'TENANCY.OWN_ADDRESS_LEFT_OUT': 'conflict',
  'TENANCY.MODEL_NOT_ALLOWED': 'forbidden',
  'TENANCY.ATTACHMENTS_REFUSED': 'forbidden',
  'TENANCY.TAKE_OUT_REFUSED': 'forbidden',
  'GUARD.MY_NUMBER_FOUND': 'invalid',
  'GUARD.PURPOSE_REQUIRED': 'invalid',
  'GUARD.PURPOSE_NOT_ENABLED': 'invalid',
  'METERING.BUDGET_EXHAUSTED': 'exhausted',
  'METERING.IMPORT_INVALID': 'invalid',
  'METERING.IMPORT_TOO_LARGE': 'too_large',
  'PRICING.AMOUNT_INVALID': 'invalid',
  'PRICING.MODEL_UNKNOWN': 'invalid',
  'PRICING.BACK_DATED': 'conflict',
  'PRICING.START_TAKEN': 'conflict',
  'PRICING.GAP': 'conflict',
  'PRICING.ALREADY_DECIDED': 'conflict',
  'PRICING.SAME_PERSON': 'forbidden',
  'BILLING.INVOICE_NOT_ISSUED': 'conflict',
  'METERING.MONTH_OVER': 'invalid',
  'METERING.NO_OWN_LIMIT': 'conflict',
  'METERING.TOP_UP_OPEN': 'conflict',
  'METERING.TOP_UP_OWN': 'forbidden',
  'METERING.TOP_UP_DECIDED': 'conflict',
  'CONTRACTS.DATES_INVALID': 'invalid',
  'CONTRACTS.OVERLAP': 'conflict',
  'CONTRACTS.MONTH_CLOSED': 'conflict',
  'CONTRACTS.NOT_IN_FUTURE': 'conflict',
  'CONTRACTS.NOT_IN_FORCE': 'conflict',
  'CONTRACTS.START_TAKEN': 'conflict',
  'CONTRACTS.ENDING_PROPOSED': 'conflict',
  'CONTRACTS.ALREADY_DECIDED': 'conflict',
  'CONTRACTS.SAME_PERSON': 'forbidden',
  'CONTRACTS.PLAN_UNKNOWN': 'invalid',
  'CONTRACTS.PLAN_CODE_TAKEN': 'conflict',
  'CONTRACTS.COUNCIL_UNKNOWN': 'invalid',
  'CONTRACTS.COUNCIL_NOT_APPROVED': 'conflict',
  'CONTRACTS.COUNCIL_NAME_TAKEN': 'conflict',
  'CONTRACTS.COUNCIL_IN_USE': 'conflict',
  'CONTRACTS.MEMBER_TAKEN': 'conflict',
  'JOBS.MODEL_UNKNOWN': 'invalid',
  'JOBS.MAX_TOKENS_TOO_LARGE': 'invalid',
  'JOBS.TOO_LARGE_FOR_MODEL': 'invalid',
  'JOBS.ALREADY_FINISHED': 'conflict',
  'JOBS.WORKER_LOST': 'unavailable',
  'JOBS.URGENT_OPENING_OVER': 'conflict',
  'HANDOVERS.OWNER_PRESENT': 'conflict',
  'HANDOVERS.HEIR_NOT_PRESENT': 'invalid',
  'HANDOVERS.TO_ONESELF': 'forbidden',
  'HANDOVERS.NOTHING_LEFT': 'conflict',
  'HANDOVERS.TAKE_BACK_OVER': 'conflict',
  'NOTICES.OVER': 'conflict',
  'NOTICES.MAIL_OVER': 'conflict',
  'IDENTITY.INVITATION_NOT_MAILED': 'conflict',
  'CONTENT_ACCESS.NOT_OPEN': 'forbidden',
  'CONTENT_ACCESS.ALREADY_DECIDED': 'conflict',
  'CONTENT_ACCESS.OVER': 'conflict',
  'BATCHES.FILE_TOO_LARGE': 'too_large',
  'BATCHES.FILE_UNREADABLE': 'invalid',
  'BATCHES.TABLE_INVALID': 'invalid',
  'BATCHES.TEMPLATE_INVALID': 'invalid',
  'BATCHES.ALREADY_STARTED': 'conflict',
  'BATCHES.NOT_STARTED': 'conflict',
  'BATCHES.NOT_FINISHED': 'conflict',
  'BATCHES.NOTHING_TO_RETRY': 'conflict',
  'ROSTER.FILE_TOO_LARGE': 'too_large',
  'ROSTER.FILE_UNREADABLE': 'invalid',
  'ROSTER.TABLE_INVALID': 'invalid',
  'ROSTER.NOTHING_TO_APPLY': 'conflict',
  'ROSTER.FAULTY': 'conflict',
  'ROSTER.OUTDATED': 'conflict',
  'ROSTER.DISABLES_UNCONFIRMED': 'conflict',
  'ROSTER.DATE_INVALID': 'invalid',
  'ROSTER.STEP_NOT_POSSIBLE': 'conflict',
  'BILLING.MONTH_NOT_READY': 'conflict',
  'BILLING.MONTH_CLOSED': 'conflict',
  'BILLING.STEP_NOT_POSSIBLE': 'conflict',
  'BILLING.SAME_PERSON': 'forbidden',
  'BILLING.ISSUER_UNKNOWN': 'conflict',
  'BILLING.CREDIT_TOO_LARGE': 'invalid',
  'BILLING.CORRECTION_TOO_LARGE': 'invalid',
  'RECONCILIATION.FILE_TOO_LARGE': 'too_large',
  'RECONCILIATION.FILE_UNREADABLE': 'invalid',
  'RECONCILIATION.COLUMNS_MISSING': 'invalid',
  'RECONCILIATION.CURRENCY_REFUSED': 'invalid',
  'RECONCILIATION.AMOUNT_INVALID': 'invalid',
  'RECONCILIATION.MONTH_MISMATCH': 'invalid',
  'RECONCILIATION.REPORT_DUPLICATE': 'conflict',
  'RECONCILIATION.NOTHING_OPEN': 'conflict',
  'RECONCILIATION.ALREADY_PROPOSED': 'conflict',
  'RECONCILIATION.ALREADY_DECIDED': 'conflict',
  'RECONCILIATION.SAME_PERSON': 'forbidden',
  'RECONCILIATION.REPORT_MISSING': 'conflict',
  'RECONCILIATION.NOT_SETTLED': 'conflict',
  'MODEL.THROTTLED': 'unavailable',
  'MODEL.UNAVAILABLE': 'unavailable',
  'MODEL.NO_HEALTHY_DEPLOYMENT': 'unavailable',
  'MODEL.STREAM_BROKEN': 'unavailable',
  'MODEL.TIMED_OUT': 'unavailable',
  'MODEL.REFUSED': 'invalid',
  'EXITS.ALREADY_LEAVING': 'conflict',
  'EXITS.NOT_AGREED': 'conflict',
  'EXITS.STEP_NOT_POSSIBLE': 'conflict',
  'EXITS.NAME_MISMATCH': 'invalid',
  'EXITS.TOO_EARLY': 'conflict',
  'EXITS.EXPORT_UNDER_WAY': 'conflict',
  'EXITS.EXPORT_NOT_READY': 'conflict',
  'SYSTEM.UNAVAILABLE': 'unavailable',
  'SYSTEM.UNEXPECTED': 'unexpected',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
export type ErrorKind = (typeof ERROR_CODES)[ErrorCode];

/** One fault at one place of the input. `pointer` is a JSON pointer (RFC 6901); `message` is Japanese and repeats content at most masked. */
export interface FieldFault {
  readonly pointer: string;
  readonly message: string;
}

export interface DomainErrorOptions extends ErrorOptions {
  /** Japanese sentence for people: what is wrong and what to do. Never carries content or another tenant's facts. */
  readonly detail?: string;
  readonly faults?: readonly FieldFault[];
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds?: number;
  /** Which limit refused, where several could. */
  readonly level?: string;
}

/** A failure the domain foresaw. Anything else that is thrown is a defect and reaches the caller as SYSTEM.UNEXPECTED. */
export class DomainError extends Error {
  readonly detail: string | undefined;
  readonly faults: readonly FieldFault[];
  readonly retryAfterSeconds: number | undefined;
  readonly level: string | undefined;

  constructor(
    readonly code: ErrorCode,
    options: DomainErrorOptions = {},
  ) {
    super(code, options);
    this.name = 'DomainError';
    this.detail = options.detail;
    this.faults = options.faults ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.level = options.level;
  }

  get kind(): ErrorKind {
    return ERROR_CODES[this.code];
  }
}
