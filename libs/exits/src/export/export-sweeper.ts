import { Injectable } from '@nestjs/common';
import { ExitDatabase, TenantDatabase } from '#libs/database';
import { Clock, type Segment, type TenantId } from '#libs/kernel';

interface Expired {
  readonly tenantId: TenantId;
  readonly segment: Segment;
  readonly id: string;
}

/** Of exports whose time is over or whose city stays the files go, and the row says that they were there. */
@Injectable()
export class ExportSweeper {
  constructor(
    private readonly exits: ExitDatabase,
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
  ) {}

  /** @returns how many expired */
  async sweep(): Promise<number> {
    const expired = await this.exits.query<Expired>(
      `SELECT e.tenant_id AS "tenantId", e.segment, e.id FROM data_exports e
       LEFT JOIN city_exits x ON x.tenant_id = e.tenant_id AND x.id = e.exit_id
       WHERE e.state = 'ready' AND (e.expires_at <= $1 OR x.state = 'withdrawn')`,
      [this.clock.now()],
    );
    for (const { id, ...scope } of expired)
      await this.database.run(scope, async (tx) => {
        await tx.query('DELETE FROM data_export_chunks WHERE tenant_id = $1 AND export_id = $2', [scope.tenantId, id]);
        await tx.query('DELETE FROM data_export_files WHERE tenant_id = $1 AND export_id = $2', [scope.tenantId, id]);
        await tx.query(`UPDATE data_exports SET state = 'expired' WHERE tenant_id = $1 AND id = $2`, [
          scope.tenantId,
          id,
        ]);
      });
    return expired.length;
  }
}
