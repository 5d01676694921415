import { Injectable } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';

/**
 * What lasts longer than the product's own remedies take, so that it will not mend itself:
 *
 * - Nobody admits, which some process does at least every second. Batches are taken into the line by and by.
 * - Nobody claims what is delivered: a worker does so at once, and one that has not for 5 s, and not for the first time, is
 *   in want of workers (see Reconciler). One that was given back has been delivered often, and rests.
 * - The pool has room and gives none of it: a minute fills every quota, so that any job fits into a deployment that has a
 *   free place and was given no job for longer.
 */
const STANDS_STILL = `
  SELECT 'not-admitted' AS reason FROM admission_entries
  WHERE stage = 'arrived' AND (lane = 'batch') = false AND finished_at IS NULL
    AND accepted_at < clock_timestamp() - interval '10 s'
  UNION ALL
  SELECT 'not-admitted' FROM admission_clock
  WHERE updated_at < clock_timestamp() - interval '10 s' AND EXISTS (SELECT FROM admission_routes WHERE waiting > 0)
  UNION ALL
  SELECT 'not-claimed' FROM admission_entries
  WHERE stage = 'running' AND lease_expires_at IS NULL AND finished_at IS NULL AND returned_at IS NULL AND deliveries >= 4
    AND admitted_at < clock_timestamp() - interval '5 s'
  UNION ALL
  SELECT 'room-not-given'
  FROM admission_queues q JOIN pool_room(clock_timestamp()) r ON q.route = ANY (string_to_array(r.routes, ' '))
  JOIN pool_deployments d ON d.id = r.id
  WHERE q.waiting > 0 AND NOT q.at_limit AND r.slots > 0 AND d.refilled_at < clock_timestamp() - interval '70 s'
  LIMIT 1`;

/** Ready means that accepted work moves, and not only that processes are up. */
@Injectable()
export class AdmissionProgress {
  constructor(private readonly database: AdmissionDatabase) {}

  /** @throws Error when accepted work stands still */
  async assert(): Promise<void> {
    const [still] = await this.database.query<{ reason: string }>(STANDS_STILL);
    if (still) throw new Error(`accepted jobs make no progress: ${still.reason}`);
  }
}
