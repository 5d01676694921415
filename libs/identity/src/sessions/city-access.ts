import { Injectable } from '@nestjs/common';
import type { ErrorCode, TenantId } from '#libs/kernel';
import { Signals } from '#libs/queue';
import { ApiKeyAuthenticator } from '../keys/api-key-authenticator.ts';
import { SessionAuthenticator } from './session-authenticator.ts';

/** Makes a change of a whole city felt by everybody who is signed in to it. */
@Injectable()
export class CityAccess {
  constructor(
    private readonly sessions: SessionAuthenticator,
    private readonly apiKeys: ApiKeyAuthenticator,
    private readonly signals: Signals,
  ) {}

  /**
   * Call after the commit: credentials are read anew, here at once and elsewhere by the signal.
   * @param refused why nobody of the city is served any more; open streams end with it
   */
  changed(tenantId: TenantId, refused?: ErrorCode): void {
    this.sessions.forget(({ scope }) => scope.tenantId === tenantId);
    this.apiKeys.forget(({ scope }) => scope.tenantId === tenantId);
    this.signals.publish({ kind: 'city.changed', tenantId, ...(refused && { refused }) });
  }
}
