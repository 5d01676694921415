import { startFault } from './start-fault.ts';

/** Brings a process up. What keeps it from that is told in one line on standard error, and the process ends with 1. */
export async function startProcess(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(`${startFault(error)}\n`);
    process.exit(1);
  }
}
