import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { Log } from '#libs/observability';
import type { ApiRequest } from '../http/api-request.ts';
import { asDomainError } from '../http/problem.ts';
import { signInPage } from './sign-in-page.ts';
import { leftFrom, takeDeparture } from './sso-cookie.ts';

/** A browser that comes back is no API client: its person is led to the sign-in page, which says what to do. */
@Catch()
export class SignInFailures implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<ApiRequest>();
    const response = host.switchToHttp().getResponse<Response>();
    const { requestId } = request;
    const { code, cause } = asDomainError(thrown);
    this.log.warn('sso.refused', { requestId, code, error: cause });
    takeDeparture(response, String(request.params['providerId']));
    response.redirect(303, signInPage({ failure: code, requestId }, leftFrom(request)));
  }
}
