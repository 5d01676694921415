import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import { AppModule } from '../app.module.ts';
import { loadApiConfig } from '../api-config.ts';
import { type DemoFile, DemoSeeder } from './demo-seeder.ts';

const origins = z.strictObject({ lgwan: z.url(), my_number: z.url(), vendor: z.url() });

/**
 * Makes the fictional demo cities at the first start and writes who may sign in where.
 * Usage: seed-demo <file> <JSON of the origins by listener>. With the file there, only the origins are brought up to date;
 * with the file lost, everybody gets a new password, because nobody can read the old ones.
 */
const [file = '.moyai/demo.json', originsJson = '{}'] = process.argv.slice(2);
const where = origins.parse(JSON.parse(originsJson));

if (existsSync(file)) {
  const demo = JSON.parse(readFileSync(file, 'utf8')) as DemoFile;
  writePrivately({ ...demo, origins: where });
} else {
  const app = await NestFactory.createApplicationContext(AppModule.forRoot(loadApiConfig()), { logger: ['error'] });
  try {
    writePrivately({ origins: where, ...(await DemoSeeder.in(app).seed()) });
  } finally {
    await app.close();
  }
}

/** Whole or not at all: a half-written file would cost everybody their password. */
function writePrivately(demo: DemoFile): void {
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}
