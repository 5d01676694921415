import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import { Refusal } from '../lib/root.mjs';
import { Home } from './home.ts';
import { Stack } from './stack.ts';

const home = new Home();
const stack = new Stack(home, process.env, (message) => console.log(message));

let stopping: Promise<void> | undefined;
/** However often it is asked: a Ctrl-C at the terminal arrives once from the keyboard and once through npm. */
function stop(exitCode: number): void {
  stopping ??= stack.stop().then(() => process.exit(exitCode));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0));
watchLauncher();

try {
  console.log('Moyai を起動しています');
  await stack.start();
  if (!stopping) announce();
} catch (error) {
  if (!stopping) {
    console.error(error instanceof Refusal ? `\n${error.message}` : error);
    stop(1);
  }
}

function announce(): void {
  const { lgwan, my_number: myNumber, vendor } = stack.listeners;
  console.log(`
準備ができました（${(performance.now() / 1000).toFixed(1)} 秒）

  LGWAN 接続系            http://127.0.0.1:${lgwan}
  個人番号利用事務系      http://127.0.0.1:${myNumber}
  運営事業者              http://127.0.0.1:${vendor}

  デモ用の団体・職員・パスワード   ${home.path('demo.json')}
  各プログラムの記録               ${home.path('logs')}

  止めるには Ctrl-C を押してください。データは次の起動まで残ります。`);
}

/** The launcher holds the other end of descriptor 3 and never writes: its end means that the launcher was killed. */
function watchLauncher(): void {
  try {
    if (!fstatSync(3).isSocket()) return;
  } catch {
    return;
  }
  const launcher = new Socket({ fd: 3, readable: true, writable: false });
  launcher.on('error', () => stop(1));
  launcher.on('close', () => stop(1));
  launcher.resume();
}
