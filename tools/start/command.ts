import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal, ROOT } from '../lib/root.mjs';
import { openDatabase } from './database.ts';
import { Home } from './home.ts';

/**
 * Runs a command-line program of the product on this installation's data: next to the running product, or, when that is stopped, with the
 * database alone.
 */
async function run(file: string, args: string[]): Promise<number> {
  const home = new Home();
  const environment = readEnvironment(home);
  const running = home.runningProcess() !== undefined;
  const database = running || process.env.DATABASE_URL ? undefined : await openDatabase(home, home.secrets(), {});
  try {
    const urls = Object.entries(database?.urls ?? {}).map(([role, url]) => [`DATABASE_${role.toUpperCase()}_URL`, url]);
    const child = spawn(process.execPath, [join(ROOT, 'dist', file), ...args], {
      cwd: ROOT,
      env: { ...environment, ...Object.fromEntries(urls) },
      stdio: 'inherit',
    });
    return await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  } finally {
    await database?.server?.stop();
  }
}

function readEnvironment(home: Home): NodeJS.ProcessEnv {
  try {
    return JSON.parse(readFileSync(home.path('environment.json'), 'utf8')) as NodeJS.ProcessEnv;
  } catch {
    throw new Refusal('まだ一度も起動していません。先に npm start で起動してください。');
  }
}

try {
  const [file, ...args] = process.argv.slice(2);
  process.exitCode = await run(file ?? '', args);
} catch (error) {
  console.error(error instanceof Refusal ? `\n${error.message}` : error);
  process.exitCode = 1;
}
