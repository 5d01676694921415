import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { Log } from '#libs/observability';
import type { ApiRequest } from './api-request.ts';
import { asDomainError, problemOf } from './problem.ts';

/** The one place where a failure becomes an answer. What a caller may not know is logged under the request's id instead. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { requestId } = host.switchToHttp().getRequest<ApiRequest>();
    const error = asDomainError(thrown);
    if (error.code === 'SYSTEM.UNEXPECTED') this.log.error('request.failed', { requestId, error: error.cause });
    if (error.code === 'SYSTEM.UNAVAILABLE') this.log.warn('request.unavailable', { requestId, error: error.cause });
    // A stream that has begun can only be cut.
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const problem = problemOf(error, requestId);
    if (error.retryAfterSeconds !== undefined) response.setHeader('retry-after', Math.ceil(error.retryAfterSeconds));
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }
}
