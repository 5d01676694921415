import { NestFactory } from '@nestjs/core';
import { Log, ManagementServer, NestLog } from '#libs/observability';
import { loadWorkerConfig } from './worker-config.ts';
import { WorkerModule } from './worker.module.ts';
import { Worker } from './worker.ts';

const config = loadWorkerConfig();
const app = await NestFactory.createApplicationContext(WorkerModule.forRoot(config), {
  abortOnError: false,
  bufferLogs: true,
});
app.useLogger(new NestLog(app.get(Log)));
await app.get(ManagementServer).listen();
const worker = app.get(Worker);
await worker.start();

/** For what follows the drain. */
const FAREWELL_MS = 10_000;

let stopping = false;
const stop = async (): Promise<void> => {
  if (stopping) return;
  stopping = true;
  // Whatever no answer comes to: what could not be handed over comes back by its leases.
  setTimeout(() => process.exit(1), config.worker.drainMs + FAREWELL_MS);
  await worker.drain();
  await app.close();
  // A provider call that outlives its drain keeps sockets open; its job is handed over already.
  process.exit(0);
};
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
// The one line the process that started this one waits for.
process.stdout.write(`${JSON.stringify({ event: 'worker.started' })}\n`);
