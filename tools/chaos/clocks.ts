import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Debian's libfaketime: moves what a program takes for the time of day, and nothing else of it. */
const [LIBRARY] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');

/** Why clocks cannot be moved here; undefined when they can. */
export const clocksMissing = LIBRARY ? undefined : 'libfaketime is not installed: apt-get install libfaketime';

/** A clock that a process is started with, and that can be moved while it runs. */
export class ProcessClock {
  private readonly file: string;

  constructor(directory: string, name: string) {
    this.file = join(directory, `${name}.clock`);
    this.move(0);
  }

  /** How far it is ahead of the true time; negative is behind. Felt within a second. */
  move(seconds: number): void {
    writeFileSync(this.file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  }

  /** What a process is given that goes by this clock. Its timers do not: they count, whatever the time is. */
  get environment(): NodeJS.ProcessEnv {
    if (!LIBRARY) return {};
    return {
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }
}
