import { Injectable } from '@nestjs/common';
import { ExitDatabase } from '#libs/database';
import type { Segment, TenantId } from '#libs/kernel';
import { Log } from '#libs/observability';
import { EXITS_RUN, EXPORTS_RUN, type Producer, QueueHost } from '#libs/queue';

const INTERVAL_MS = 2_000;

interface LostExit {
  readonly tenantId: TenantId;
  readonly exitId: string;
  readonly delivery: number;
}

interface LostExport {
  readonly tenantId: TenantId;
  readonly segment: Segment;
  readonly exportId: string;
  readonly delivery: number;
}

/**
 * Exits with work that nobody is at. A frozen one is looked after until its jobs have ended and its archives are written; a
 * step of a deletion may take minutes and holds its row.
 */
const TAKE_EXITS = `
  UPDATE city_exits e SET deliveries = e.deliveries + 1, touched_at = clock_timestamp()
  FROM (SELECT tenant_id, id FROM city_exits WHERE state IN ('frozen', 'deleting') AND fault IS NULL
          AND touched_at < clock_timestamp() - interval '2 s' FOR UPDATE SKIP LOCKED) lost
  WHERE e.tenant_id = lost.tenant_id AND e.id = lost.id
  RETURNING e.tenant_id AS "tenantId", e.id AS "exitId", e.deliveries AS delivery`;

/**
 * Asked for just now, or left by a worker that died: a living one tells that it lives with every chunk. One that failed is
 * tried again where a city waits for it to leave.
 */
const TAKE_EXPORTS = `
  UPDATE data_exports e SET deliveries = e.deliveries + 1, touched_at = clock_timestamp()
  FROM (SELECT tenant_id, id FROM data_exports
        WHERE (state = 'queued' AND touched_at < clock_timestamp() - interval '2 s')
           OR ((state = 'running' OR state = 'failed' AND exit_id IS NOT NULL)
               AND touched_at < clock_timestamp() - interval '60 s') FOR UPDATE SKIP LOCKED) lost
  WHERE e.tenant_id = lost.tenant_id AND e.id = lost.id
  RETURNING e.tenant_id AS "tenantId", e.segment, e.id AS "exportId", e.deliveries AS delivery`;

/** Hands exits and exports to the queue: what was asked for, and again what lost its worker. The rows say what there is. */
@Injectable()
export class ExitDeliveries {
  private readonly exits: Producer<LostExit>;
  private readonly exports: Producer<LostExport>;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    queues: QueueHost,
    private readonly database: ExitDatabase,
    private readonly log: Log,
  ) {
    this.exits = queues.producer(EXITS_RUN);
    this.exports = queues.producer(EXPORTS_RUN);
  }

  start(): void {
    this.timer = setInterval(
      () => void this.deliver().catch((error: unknown) => this.log.warn('exits.round-failed', { error })),
      INTERVAL_MS,
    );
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async deliver(): Promise<void> {
    const exits = await this.database.query<LostExit>(TAKE_EXITS);
    if (exits.length > 0) await this.exits.add(exits);
    const exports = await this.database.query<LostExport>(TAKE_EXPORTS);
    if (exports.length > 0) await this.exports.add(exports);
  }
}
