import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';
import { Metrics } from '#libs/observability';

interface OpenCallsRow {
  readonly open: number;
  readonly oldestSeconds: number;
}

const OPEN_CALLS = `
  SELECT count(*)::integer AS open,
    coalesce(extract(epoch FROM clock_timestamp() - min(lost_at)), 0)::float8 AS "oldestSeconds"
  FROM lost_calls WHERE resolved_at IS NULL`;

/** Lost calls as samples: calls that stay open say that a provider's log cannot be read. Every worker tells the same. */
@Injectable()
export class LostCallMetrics implements OnModuleInit {
  private readonly open;
  private readonly oldest;

  constructor(
    private readonly metrics: Metrics,
    private readonly database: AdmissionDatabase,
  ) {
    this.open = metrics.gauge('moyai_lost_calls_open', 'Calls of which it is not known yet what they used');
    this.oldest = metrics.gauge('moyai_lost_calls_oldest_seconds', 'Since the oldest of them was lost');
  }

  onModuleInit(): void {
    this.metrics.beforeExposition(async () => {
      this.open.reset();
      this.oldest.reset();
      const [row] = await this.database.query<OpenCallsRow>(OPEN_CALLS);
      this.open.set(row?.open ?? 0);
      this.oldest.set(row?.oldestSeconds ?? 0);
    });
  }
}
