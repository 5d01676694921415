import { ConfigurationError } from '#libs/config';

/** What the operating system says of an address to listen at. */
const LISTENING = new Set(['EADDRINUSE', 'EADDRNOTAVAIL']);
/** What it, and the drivers, say of one to connect to. */
const CONNECTING = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EPIPE',
  'ENETUNREACH',
]);
const FILES = new Set(['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR']);
/** SQLSTATE: the connection broke. */
const BROKEN = /^08...$/;
/** What the drivers say of one that was not made in time, or broke; they give it no code. */
const SILENT = /timeout|connection (?:terminated|is closed)/i;
/** SQLSTATE: no such role, password or database. */
const SIGN_IN = /^(?:28...|3D000)$/;
/** Starting up, shutting down, or out of connections. */
const NOT_READY = /^(?:57P0[123]|53300)$/;
/** No such table, function, column, schema or role of the schema's. */
const NOT_MIGRATED = /^(?:42P01|42883|42703|3F000|42704)$/;
const LONGEST = 300;

interface Thrown {
  readonly name?: string;
  readonly message?: string;
  readonly stack?: string;
  readonly code?: unknown;
  readonly syscall?: string;
  readonly address?: string;
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: string;
  readonly faults?: readonly string[];
  readonly errors?: readonly Thrown[];
}

/** What kept a process from starting, in one line for whoever runs it: a code that stays, what and where, what to do. */
export function startFault(error: unknown): string {
  const { code, what, remedy } = wordsFor(error ?? {});
  return `起動できませんでした [${code}] ${what} ${remedy}`.replace(/\s+/g, ' ');
}

function wordsFor(thrown: Thrown): { code: string; what: string; remedy: string } {
  const { faults = [], path } = thrown;
  const reason = typeof thrown.code === 'string' ? thrown.code : '';
  if (thrown instanceof ConfigurationError)
    return {
      code: 'START.CONFIGURATION_INVALID',
      what: `環境変数に誤りがあります（${[...new Set(faults)].join('、')}）。`,
      remedy: '直してから起動し直してください。',
    };
  if (faults.length > 0)
    return {
      code: 'START.REDIS_UNUSABLE',
      what: `Redis がキューに使えません（${faults.join('、')}）。`,
      remedy: 'Redis の設定を直してから起動し直してください。',
    };
  if (LISTENING.has(reason) || (reason === 'EACCES' && thrown.syscall === 'listen'))
    return {
      code: 'START.ADDRESS_UNUSABLE',
      what: `${placeOf(thrown)} で待ち受けられません（${reason}）。`,
      remedy:
        'ほかのプロセスが使っていないか確かめるか、API_PORT・WORKER_STREAM_PORT・METRICS_PORT などを変えてください。',
    };
  if (CONNECTING.has(reason) || BROKEN.test(reason) || (!reason && SILENT.test(thrown.message ?? '')))
    return {
      code: 'START.UNREACHABLE',
      what: `${placeOf(thrown)} に接続できません（${reason || '応答なし'}）。`,
      remedy:
        'データベースなどの接続先が動いているか、DATABASE_APP_URL などの接続先の設定が正しいかを確かめてください。',
    };
  if (SIGN_IN.test(reason))
    return {
      code: 'START.DATABASE_REFUSED',
      what: `データベースに接続を断られました（SQLSTATE ${reason}）。`,
      remedy: 'DATABASE_APP_URL などの利用者・パスワード・データベース名を確かめてください。',
    };
  if (NOT_READY.test(reason))
    return {
      code: 'START.DATABASE_NOT_READY',
      what: `データベースがまだ使えません（SQLSTATE ${reason}）。`,
      remedy: '起動の途中でないか、接続数の上限に達していないかを確かめてください。',
    };
  if (NOT_MIGRATED.test(reason))
    return {
      code: 'START.DATABASE_NOT_MIGRATED',
      what: `データベースの形がこの版と合いません（SQLSTATE ${reason}）。`,
      remedy: '先に移行（migrate）を行ってから起動し直してください。',
    };
  if (FILES.has(reason) && path)
    return {
      code: 'START.FILE_UNREADABLE',
      what: `${path} を使えません（${reason}）。`,
      remedy: 'ファイルやフォルダーがあるか、読み書きの権限があるかを確かめてください。',
    };
  return {
    code: 'START.UNEXPECTED',
    what: `予期しない誤りです（${[thrown.name, thrown.message?.slice(0, LONGEST), frameOf(thrown)].filter(Boolean).join('、')}）。`,
    remedy: 'この行を添えて開発元へ知らせてください。',
  };
}

/** A name with several addresses fails with an error for each. */
function placeOf({ errors, address, hostname, port }: Thrown): string {
  const [first] = errors ?? [];
  const host = address ?? hostname ?? first?.address ?? first?.hostname;
  if (!host) return '接続先';
  const at = port ?? first?.port;
  return at === undefined ? host : `${host}:${at}`;
}

const frameOf = ({ stack }: Thrown): string | undefined => /^\s+at (.*)$/m.exec(stack ?? '')?.[1];
