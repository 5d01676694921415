import { Injectable } from '@nestjs/common';
import { ContentSeal, ExitDatabase } from '#libs/database';
import type { TenantId } from '#libs/kernel';
import { Log } from '#libs/observability';

/** Puts every city's data keys under a wrapping key of its own, after an upgrade from the versions that had one for all. */
@Injectable()
export class KeyRenewal {
  constructor(
    private readonly database: ExitDatabase,
    private readonly contentSeal: ContentSeal,
    private readonly log: Log,
  ) {}

  /** @returns how many data keys were still under the shared key */
  async run(): Promise<number> {
    let moved = 0;
    const cities = await this.database.query<{ id: TenantId }>(
      `SELECT id FROM tenants WHERE status <> 'deleted' ORDER BY id`,
    );
    for (const { id } of cities) moved += await this.contentSeal.rewrap({ tenantId: id, segment: 'lgwan' });
    if (moved > 0) this.log.info('keys.rewrapped', { moved });
    return moved;
  }
}
