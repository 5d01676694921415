import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { WorkerProcessConfig } from '../src/worker-config.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', '..', 'dist', 'apps', 'worker', 'src', 'main.js');

/** A worker in a process of its own, as it was built, so that it can be killed like one. */
export async function startWorkerProcess(config: WorkerProcessConfig): Promise<ChildProcess> {
  const child = spawnWorker(config, 'inherit');
  const started = once(child.stdout!, 'data');
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the worker ended at start')));
  await Promise.race([started, ended]);
  ended.catch(() => undefined);
  return child;
}

/** Returns at once, whether it comes up or not. */
export function spawnWorker(config: WorkerProcessConfig, stderr: 'pipe' | 'inherit' = 'pipe'): ChildProcess {
  const { worker, database, vendorDatabase, exitDatabase, keyService, queue, model, smtp } = config;
  return spawn(process.execPath, [PROGRAM], {
    env: {
      WORKER_STREAM_SECRET: worker.streamSecret,
      WORKER_LEASE_MS: String(worker.leaseMs),
      WORKER_DRAIN_MS: String(worker.drainMs),
      AUDIT_ANCHOR_FILE: worker.auditAnchorFile,
      DATABASE_APP_URL: database.appUrl,
      DATABASE_ADMISSION_URL: database.admissionUrl,
      DATABASE_FINANCE_URL: vendorDatabase.financeUrl,
      DATABASE_EXIT_URL: exitDatabase.exitUrl,
      ...(keyService.kind === 'local' && { KEY_SERVICE: 'local', KEY_DIRECTORY: keyService.directory }),
      ...(queue.backend === 'redis' && { REDIS_URL: queue.url }),
      ...(smtp && { MAIL_FROM: smtp.from, SMTP_URL: smtp.url }),
      MODEL_DEPLOYMENTS: JSON.stringify(model.deployments),
      LOG_LEVEL: 'silent',
    },
    stdio: ['ignore', 'pipe', stderr],
  });
}

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
