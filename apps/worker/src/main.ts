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
// The one line the process that started this one waits for.
process.stdout.write(`${JSON.stringify({ event: 'worker.started' })}\n`);

let stopping = false;
const stop = async (): Promise<void> => {
  if (stopping) return;
  stopping = true;
  await worker.drain();
  await app.close();
  // A provider call that outlives its drain keeps sockets open; its job is handed over already.
  process.exit(0);
};
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
