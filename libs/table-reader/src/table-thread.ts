import { parentPort, workerData } from 'node:worker_threads';
import { readTable } from './read-table.ts';

// A file can take seconds and much memory: it gets a thread of its own, so that nobody's stream waits for it.
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
parentPort!.postMessage(await readTable(workerData as Uint8Array));
