import { Injectable } from '@nestjs/common';
import { ContentSeal } from '#libs/database';
import { Signals } from '#libs/queue';

/** Forgets the keys of a city the moment it is removed, in every process; what is in memory ends with its time in any case. */
@Injectable()
export class RemovedCities {
  constructor(signals: Signals, contentSeal: ContentSeal) {
    signals.subscribe((signal) => {
      if (signal.kind === 'city.removed') contentSeal.forget(signal.tenantId);
    });
  }
}
