import type { ArgumentsHost } from '@nestjs/common';
import type { Response } from 'express';
import type { DomainError, ErrorCode } from '#libs/kernel';
import { ERROR_WORDS } from '../http/error-words.ts';
import type { ApiRequest } from '../http/api-request.ts';
import { STATUS_OF_KIND } from '../http/problem.ts';
import { SCIM_BASE } from './scim-resources.ts';
import { SCHEMAS } from './scim-schemas.ts';

/** Table 9 of RFC 7644, for those failures it has a word for. */
const SCIM_TYPES: Partial<Record<ErrorCode, string>> = {
  'REQUEST.MALFORMED': 'invalidSyntax',
  'REQUEST.INVALID': 'invalidValue',
  'IDENTITY.MEMBER_UNKNOWN': 'invalidValue',
  'IDENTITY.EXTERNAL_ID_TAKEN': 'uniqueness',
  'TENANCY.LOGIN_ID_TAKEN': 'uniqueness',
  'TENANCY.LAST_ADMIN': 'mutability',
  'SCIM.FILTER_INVALID': 'invalidFilter',
  'SCIM.PATH_INVALID': 'invalidPath',
  'SCIM.READ_ONLY': 'mutability',
};

/** SCIM knows 400 where we tell wrong from unreadable, and 412 for a version that is past. */
function statusOf({ code, kind }: DomainError): number {
  if (code === 'SCIM.CHANGED_MEANWHILE') return 412;
  return kind === 'invalid' ? 400 : STATUS_OF_KIND[kind];
}

export const speaksScim = ({ network, path }: ApiRequest): boolean =>
  network?.segment != null && path.toLowerCase().startsWith(`${SCIM_BASE}/`);

/** A failure as RFC 7644, 3.12 writes it. The detail is Japanese: administrators read it in their provider's log. */
export function answerInScim(error: DomainError, host: ArgumentsHost): void {
  const response = host.switchToHttp().getResponse<Response>();
  const status = statusOf(error);
  const scimType = SCIM_TYPES[error.code];
  const faults = error.faults.map(({ pointer, message }) => `${pointer} ${message}`);
  const body = {
    schemas: [SCHEMAS.error],
    status: String(status),
    ...(scimType && { scimType }),
    detail: [ERROR_WORDS[error.code].ja, ...(error.detail ? [error.detail] : []), ...faults].join(' '),
  };
  if (error.retryAfterSeconds !== undefined) response.setHeader('retry-after', Math.ceil(error.retryAfterSeconds));
  response.status(status).type('application/scim+json').send(JSON.stringify(body));
}
