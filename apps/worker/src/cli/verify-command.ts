import { accessSync, constants } from 'node:fs';
import { parseArgs } from 'node:util';
import { AuditVerifier } from '#libs/audit';
import { auditVerifyEnvironment, loadConfig } from '#libs/config';
import { OpsDatabase, createDataSource } from '#libs/database';
import { VENDOR_TENANT_ID, isMunicipalityCode } from '#libs/kernel';
import { type City, describeReport } from './audit-report.ts';

const USAGE = `使い方: npm run audit:verify -- [--anchor FILE] [--city CODE] [--json]
  --anchor FILE  アンカーファイル（省略時は環境変数 AUDIT_ANCHOR_FILE）
  --city CODE    6桁の団体コードの団体だけを検証する
  --json         結果を JSON で出力する
終了コード: 0 改ざんなし / 1 改ざんの疑い / 2 検証できなかった`;

const INTACT = 0;
const TAMPERED = 1;
const NOT_VERIFIED = 2;

type Environment = Record<string, string | undefined>;

export interface Outcome {
  /** 0 intact, 1 tampered, 2 could not verify. */
  readonly exitCode: number;
  readonly output: string;
  readonly error: string;
}

/** The arguments are wrong, or name something that is not there. The message is for the person at the terminal. */
class UsageError extends Error {}

function readArguments(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        anchor: { type: 'string' },
        city: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(`引数が正しくありません: ${(error as Error).message}`);
  }
}

/** An anchor file that is not there must not pass for one that agrees. */
function readable(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    accessSync(file, constants.R_OK);
    return file;
  } catch {
    throw new UsageError(`アンカーファイルを読めません: ${file}`);
  }
}

async function verify(args: string[], environment?: Environment): Promise<Outcome> {
  const options = readArguments(args);
  if (options.help) return { exitCode: INTACT, output: `${USAGE}\n`, error: '' };
  if (options.city !== undefined && !isMunicipalityCode(options.city))
    throw new UsageError(`団体コードが正しくありません: ${options.city}`);
  const config = loadConfig({ audit: auditVerifyEnvironment }, environment).audit;
  const anchorFile = readable(options.anchor ?? config.anchorFile);
  const source = await createDataSource(config.opsUrl, 1).initialize();
  try {
    const database = new OpsDatabase(source);
    const rows = await database.query<City & { id: string }>(
      `SELECT id, code, name FROM tenants ORDER BY code, status = 'deleted'`,
    );
    const tenantId = rows.find(({ code }) => code === options.city)?.id;
    if (options.city !== undefined && !tenantId) throw new UsageError(`登録のない団体コードです: ${options.city}`);
    const report = await new AuditVerifier(database).verify({ tenantId, anchorFile });
    const cities = new Map<string, City>(rows.map(({ id, code, name }) => [id, { code, name }]));
    cities.set(VENDOR_TENANT_ID, { code: null, name: '運営事業者' });
    const chains = report.chains.map((chain) => ({ city: cities.get(chain.tenantId) ?? null, ...chain }));
    const output = options.json
      ? `${JSON.stringify({ ...report, chains }, null, 2)}\n`
      : describeReport(report, cities);
    return { exitCode: report.intact ? INTACT : TAMPERED, output, error: '' };
  } finally {
    await source.destroy();
  }
}

/** Verifies every chain, or one city's, and says in Japanese (or JSON) what was found. Never throws. */
export async function verifyCommand(args: string[], environment?: Environment): Promise<Outcome> {
  try {
    return await verify(args, environment);
  } catch (error) {
    const usage = error instanceof UsageError ? `\n\n${USAGE}` : '';
    return { exitCode: NOT_VERIFIED, output: '', error: `検証できませんでした: ${(error as Error).message}${usage}\n` };
  }
}
