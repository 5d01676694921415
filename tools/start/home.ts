import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { commandLineOf, isAlive } from '../services/processes.ts';
import { Refusal, ROOT } from '../lib/root.mjs';

/** Secrets of this installation, made at its first start. Losing them loses the data: the database and its contents are sealed with them. */
export interface Secrets {
  readonly databasePassword: string;
  readonly rolePassword: string;
  readonly ingressSecret: string;
  readonly streamSecret: string;
}

/** What other programs may know about a running installation. No secrets. */
export interface RunRecord {
  readonly pid: number;
  readonly origins: Readonly<Record<string, string>>;
  readonly ports: Readonly<Record<string, number>>;
  readonly processes: Readonly<Record<string, { readonly pid: number }>>;
}

/** The `.moyai` directory: everything an installation keeps. MOYAI_HOME moves it, so that a second one can run beside the first. */
export class Home {
  readonly directory: string;

  constructor(directory = process.env.MOYAI_HOME) {
    this.directory = resolve(ROOT, directory || '.moyai');
  }

  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  /** Makes the directory, and refuses when another `npm start` already runs on it. */
  open(): { leftUnclean: boolean } {
    // Others may pass through, for PostgreSQL runs as somebody else when we are root; each secret file is closed by itself
    mkdirSync(this.path('logs'), { recursive: true, mode: 0o755 });
    const running = this.runningProcess();
    if (running) {
      throw new Refusal(
        `もう起動しています（プロセス ${running.pid}、${running.origins.lgwan ?? ''}）。止めるには、起動した画面で Ctrl-C を押してください。`,
      );
    }
    return { leftUnclean: this.readRunRecord() !== undefined };
  }

  /** The record of the `npm start` that runs on this directory now; one left by an unclean end does not count. */
  runningProcess(): RunRecord | undefined {
    const record = this.readRunRecord();
    return record && isAlive(record.pid) && commandLineOf(record.pid).includes('start') ? record : undefined;
  }

  /**
   * The secrets, made when nothing has been stored yet.
   * @throws Refusal when there is data but the secrets that open it are gone: new ones would only hide the loss
   */
  secrets(): Secrets {
    const file = this.path('secrets.json');
    if (existsSync(file) && (existsSync(this.keyDirectory) || existsSync(this.keyFile)))
      return JSON.parse(readFileSync(file, 'utf8')) as Secrets;
    if (existsSync(this.path('postgres'))) {
      throw new Refusal(
        `データ（${this.path('postgres')}）はありますが、それを開く鍵（secrets.json, keys）がありません。バックアップから戻すか、データごと消してやり直してください。`,
      );
    }
    const secret = () => randomBytes(32).toString('base64url');
    const secrets = {
      databasePassword: secret(),
      rolePassword: secret(),
      ingressSecret: secret(),
      streamSecret: secret(),
    };
    mkdirSync(this.keyDirectory, { mode: 0o700 });
    this.writePrivate('secrets.json', `${JSON.stringify(secrets, null, 2)}\n`);
    return secrets;
  }

  /** The keys that wrap the cities' data keys, one for each. */
  get keyDirectory(): string {
    return this.path('keys');
  }

  /** The one key of earlier versions. */
  get keyFile(): string {
    return this.path('content.key');
  }

  readRunRecord(): RunRecord | undefined {
    try {
      return JSON.parse(readFileSync(this.path('run.json'), 'utf8')) as RunRecord;
    } catch {
      return undefined;
    }
  }

  writeRunRecord(record: RunRecord): void {
    this.writePrivate('run.json', `${JSON.stringify(record, null, 2)}\n`);
  }

  removeRunRecord(): void {
    rmSync(this.path('run.json'), { force: true });
  }

  /** Replaces a file in one step, readable by its owner alone. */
  writePrivate(name: string, content: string): void {
    const file = this.path(name);
    writeFileSync(`${file}.new`, content, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}
