import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { Log } from '#libs/observability';
import { OpenAiErrors } from '../openai/openai-errors.ts';
import { answerInScim, speaksScim } from '../scim/scim-errors.ts';
import type { ApiRequest } from './api-request.ts';
import { asDomainError, problemOf } from './problem.ts';

/** The one place where a failure becomes an answer. What a caller may not know is logged under the request's id instead. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly openAi: OpenAiErrors;

  constructor(private readonly log: Log) {
    this.openAi = new OpenAiErrors(log);
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const request = host.switchToHttp().getRequest<ApiRequest>();
    if (speaksOpenAi(request)) return this.openAi.answer(thrown, host);
    const { requestId } = request;
    const error = asDomainError(thrown);
    if (error.code === 'SYSTEM.UNEXPECTED') this.log.error('request.failed', { requestId, error: error.cause });
    if (error.code === 'SYSTEM.UNAVAILABLE') this.log.warn('request.unavailable', { requestId, error: error.cause });
    // A stream that has begun can only be cut.
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (speaksScim(request)) return answerInScim(error, host);
    const problem = problemOf(error, requestId);
    if (error.retryAfterSeconds !== undefined) response.setHeader('retry-after', Math.ceil(error.retryAfterSeconds));
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }
}

/** OpenAI's clients read their own shape only, also where a request failed before it reached a controller. */
const speaksOpenAi = ({ network, path }: ApiRequest): boolean =>
  network?.segment != null && path.startsWith('/api/openai/');
