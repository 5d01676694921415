import { NestFactory } from '@nestjs/core';
import { Log, ManagementServer, NestLog, startProcess } from '#libs/observability';
import { type WorkerProcessConfig, loadWorkerConfig } from './worker-config.ts';
import { WorkerModule } from './worker.module.ts';
import { Worker } from './worker.ts';

/** For what follows the drain. */
const FAREWELL_MS = 10_000;

await startProcess(async () => {
  const config = loadWorkerConfig();
  const starting = Promise.withResolvers<() => Promise<void>>();
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    // Whatever no answer comes to: what could not be handed over comes back by its leases.
    setTimeout(() => process.exit(1), config.worker.drainMs + FAREWELL_MS);
    // What is still coming up comes up first: only then is it known what there is to hand over.
    const drain = await starting.promise;
    await drain();
    // A provider call that outlives its drain keeps sockets open; its job is handed over already.
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  starting.resolve(await start(config));
  // The one line the process that started this one waits for.
  process.stdout.write(`${JSON.stringify({ event: 'worker.started' })}\n`);
});

/** @returns what brings it down again */
async function start(config: WorkerProcessConfig): Promise<() => Promise<void>> {
  const app = await NestFactory.createApplicationContext(WorkerModule.forRoot(config), {
    abortOnError: false,
    bufferLogs: true,
    // What fails before there is a log is told by whoever started it.
    logger: false,
  });
  app.useLogger(new NestLog(app.get(Log)));
  await app.get(ManagementServer).listen();
  const worker = app.get(Worker);
  await worker.start();
  return async () => {
    await worker.drain();
    await app.close();
  };
}
