import type { ArgumentsHost } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError, type ErrorCode, type ErrorKind } from '#libs/kernel';
import { Log } from '#libs/observability';
import type { ApiRequest } from '../http/api-request.ts';
import { ERROR_WORDS } from '../http/error-words.ts';
import { STATUS_OF_KIND, asDomainError } from '../http/problem.ts';
import type { OpenAiError } from './openai-schemas.ts';

/** Where OpenAI's clients look at the code, they find OpenAI's; everywhere else ours. */
const OPENAI_CODES: Partial<Record<ErrorCode, string>> = {
  'IDENTITY.UNAUTHENTICATED': 'invalid_api_key',
  'METERING.BUDGET_EXHAUSTED': 'insufficient_quota',
  'JOBS.MODEL_UNKNOWN': 'model_not_found',
};

/** Fields that this API names otherwise than the domain, which sees no wire. */
const FIELDS: Readonly<Record<string, string>> = { maxTokens: 'max_tokens', purposeCode: 'metadata.purpose_code' };

const TYPES: Partial<Record<ErrorKind, string>> = {
  unauthenticated: 'authentication_error',
  forbidden: 'permission_error',
  exhausted: 'insufficient_quota',
  throttled: 'rate_limit_error',
  unexpected: 'server_error',
  unavailable: 'server_error',
};

export const openAiErrorOf = (error: DomainError): OpenAiError => ({
  error: {
    message: [ERROR_WORDS[error.code].en, ...error.faults.map(({ pointer, message }) => `${pointer}: ${message}`)].join(
      ' ',
    ),
    type: TYPES[error.kind] ?? 'invalid_request_error',
    code: OPENAI_CODES[error.code] ?? error.code,
    param: fieldOf(error.faults[0]?.pointer.slice(1).replaceAll('/', '.')),
  },
});

const fieldOf = (name: string | undefined): string | null => (name && (FIELDS[name] ?? name)) || null;

function statusOf({ code, kind }: DomainError): number {
  if (code === 'JOBS.MODEL_UNKNOWN') return 404;
  if (kind === 'exhausted') return 429;
  return kind === 'invalid' ? 400 : STATUS_OF_KIND[kind];
}

/** Their clients try 429 and 503 again by themselves. */
export function forbidRepeat(response: Response): void {
  response.setHeader('x-should-retry', 'false');
}

/** The whole answer to a request of which nothing was answered yet. */
export function answerError(response: Response, error: DomainError): void {
  // A spent budget does not come back within seconds.
  if (error.kind === 'exhausted') forbidRepeat(response);
  if (error.retryAfterSeconds !== undefined) response.setHeader('retry-after', Math.ceil(error.retryAfterSeconds));
  response.status(statusOf(error)).json(openAiErrorOf(error));
}

/** Failures in the shape OpenAI's clients turn into their own error classes. */
export class OpenAiErrors {
  constructor(private readonly log: Log) {}

  answer(thrown: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { requestId } = host.switchToHttp().getRequest<ApiRequest>();
    const error = asDomainError(thrown);
    if (error.kind === 'unexpected') this.log.error('request.failed', { requestId, error: error.cause });
    if (error.code === 'SYSTEM.UNAVAILABLE') this.log.warn('request.unavailable', { requestId, error: error.cause });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    answerError(response, error);
  }
}
