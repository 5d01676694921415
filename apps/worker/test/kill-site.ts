import type { ChildProcess } from 'node:child_process';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Client } from 'pg';
import { WorkerModule } from '../src/worker.module.ts';
import { type House, openHouse } from './job-house.ts';
import { kill, startWorkerProcess } from './worker-process.ts';

/** A product whose worker processes are killed in the middle of their work. */
export interface KillSite {
  readonly house: House;
  /** Takes nothing from the queue by itself. */
  readonly worker: INestApplicationContext;
  readonly superuser: Client;
  /** Holds a lock that work comes to wait for: a place to kill it at. */
  readonly holder: Client;
  rows<Row extends object>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  startProcess(): Promise<ChildProcess>;
  /** Those that still run. */
  killProcesses(): Promise<void>;
  close(): Promise<void>;
}

export async function openKillSite(backend: Parameters<typeof openHouse>[0]): Promise<KillSite> {
  const house = await openHouse(backend);
  const worker = await NestFactory.createApplicationContext(WorkerModule.forRoot(house.config), {
    logger: false,
    abortOnError: false,
  });
  const connect = async () => {
    const client = new Client({ connectionString: house.database.urls.superuser });
    await client.connect();
    return client;
  };
  const [superuser, holder] = [await connect(), await connect()];
  const processes: ChildProcess[] = [];
  const killProcesses = async () => void (await Promise.all(processes.splice(0).map(kill)));
  return {
    house,
    worker,
    superuser,
    holder,
    rows: async <Row extends object>(sql: string, parameters: readonly unknown[] = []) =>
      (await superuser.query<Row>(sql, [...parameters])).rows,
    async startProcess() {
      const started = await startWorkerProcess(house.config);
      processes.push(started);
      return started;
    },
    killProcesses,
    async close() {
      await killProcesses();
      await Promise.all([superuser.end(), holder.end()]);
      await worker.close();
      await house.close();
    },
  };
}
