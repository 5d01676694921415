export { type TenantId, VENDOR_TENANT_ID, idUnderKey, isId, newId, tenantId } from './ids.ts';
export { SEGMENTS, type Segment, isSegment } from './segment.ts';
export { Clock, SystemClock } from './clock.ts';
export { Deadline } from './deadline.ts';
export { Dice } from './dice.ts';
export {
  type JstMonth,
  fiscalYearOf,
  jstDayAfter,
  jstDayOf,
  jstDayRange,
  jstMonthOf,
  jstMonthRange,
  retainedSince,
} from './jst-calendar.ts';
export { isMunicipalityCode } from './municipality-code.ts';
export { corporateNumberCheckDigit, isCorporateNumber, isInvoiceRegistrationNumber } from './corporate-number.ts';
export { Rounds } from './rounds.ts';
export { Slots } from './slots.ts';
export { DomainError, ERROR_CODES, type ErrorCode, type ErrorKind, type FieldFault } from './domain-error.ts';
