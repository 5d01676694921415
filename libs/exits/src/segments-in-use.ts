import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '#libs/database';
import { SEGMENTS, type Segment, type TenantId } from '#libs/kernel';

/** The networks a city has anything on: those its members sign in from, and those with rows of their own. */
@Injectable()
export class SegmentsInUse {
  constructor(private readonly database: TenantDatabase) {}

  async of(tenantId: TenantId): Promise<Segment[]> {
    const used: Segment[] = [];
    for (const segment of SEGMENTS) {
      const [row] = await this.database.run({ tenantId, segment }, (tx) =>
        tx.query<{ isUsed: boolean }>(
          `SELECT EXISTS (SELECT FROM members WHERE tenant_id = $1 AND segment = $2)
             OR EXISTS (SELECT FROM jobs WHERE tenant_id = $1) OR EXISTS (SELECT FROM conversations WHERE tenant_id = $1)
             OR EXISTS (SELECT FROM batches WHERE tenant_id = $1) OR EXISTS (SELECT FROM api_keys WHERE tenant_id = $1)
             AS "isUsed"`,
          [tenantId, segment],
        ),
      );
      if (row!.isUsed) used.push(segment);
    }
    return used;
  }
}
