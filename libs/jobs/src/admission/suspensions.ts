import { Injectable } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';
import { Signals } from '#libs/queue';

/** Keeps the jobs of suspended cities out of the line, and puts them back when their city is taken up again. */
@Injectable()
export class Suspensions {
  constructor(
    private readonly database: AdmissionDatabase,
    private readonly signals: Signals,
  ) {}

  /** A thousand jobs a call; every worker calls once a second. Costs two look-ups while no city is suspended. */
  async heed(): Promise<void> {
    const stopping = await this.database.query<{ job_id: string }>('SELECT * FROM admission_heed_suspensions()');
    for (const { job_id: jobId } of stopping) this.signals.publish({ kind: 'job.cancel-requested', jobId });
  }
}
