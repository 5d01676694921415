import { randomUUID } from 'node:crypto';
import { loadavg } from 'node:os';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, TenantDatabase, type TenantScope, createDataSource } from '#libs/database';
import { MemberDirectory } from '#libs/identity';
import { SystemClock, newId, tenantId } from '#libs/kernel';
import { createLogger } from '#libs/observability';
import { type Signal, Signals } from '#libs/queue';
import { DueImports, RosterImports, RosterRepository, RosterRunner } from '#libs/roster';
import { TableReader } from '#libs/table-reader';
import { DepartmentTree } from '#libs/tenancy';
import { type Bench, type BenchContext, type Row, judged } from '../bench.ts';
import { AdmissionStand } from '../lines/admission-stand.ts';

const MEMBERS = 5_000;
const DEPARTMENTS = 300;
const GOAL_CHECK_SECONDS = 10;
const GOAL_APPLY_SECONDS = 30;

/** A city's whole roster: taken in once, then every one of its people moved on a first of April. */
export const importMembers: Bench = { id: 'import.members', run: measure };

async function measure({ directory, scope: within, say }: BenchContext): Promise<Row[]> {
  await using left = within();
  const stand = left.use(await AdmissionStand.open(directory));
  const city = randomUUID();
  await stand.found([{ id: city, weight: 1 }]);
  const [app, admission] = await Promise.all(
    [stand.urls.app, stand.urls.admission].map((url) => createDataSource(url, 4).initialize()),
  );
  left.defer(async () => void (await Promise.all([app!.destroy(), admission!.destroy()])));
  const desk = deskOf(new TenantDatabase(app!), new AdmissionDatabase(admission!), {
    tenantId: tenantId(city),
    segment: 'lgwan',
  });
  const actor = await desk.admin();

  const first = await desk.take(actor, 0);
  say(`初めての登録：確認 ${seconds(first.checkMs)} 秒、反映 ${seconds(first.applyMs)} 秒`);
  const moved = await desk.take(actor, 1);
  say(`全員の異動：確認 ${seconds(moved.checkMs)} 秒、反映 ${seconds(moved.applyMs)} 秒`);
  const note = `${MEMBERS.toLocaleString('ja-JP')} 人、${DEPARTMENTS} 所属、全員の登録と全員の異動の遅いほう、load ${loadavg()[0]!.toFixed(1)}`;
  return [
    judged(
      {
        id: 'import.members.check',
        name: '一括登録：確認（ファイルの読込みを含む）',
        value: seconds(Math.max(first.checkMs, moved.checkMs)),
        unit: '秒',
        note,
      },
      '<=',
      GOAL_CHECK_SECONDS,
    ),
    judged(
      {
        id: 'import.members.apply',
        name: '一括登録：反映',
        value: seconds(Math.max(first.applyMs, moved.applyMs)),
        unit: '秒',
        note,
      },
      '<=',
      GOAL_APPLY_SECONDS,
    ),
  ];
}

const seconds = (ms: number): number => Number((ms / 1_000).toFixed(2));

/** Nobody listens. */
class Unheard extends Signals {
  protected broadcast(_message: string): void {}
  override publish(_signal: Signal): void {}
}

function deskOf(database: TenantDatabase, admission: AdmissionDatabase, scope: TenantScope) {
  const clock = new SystemClock();
  const audit = new AuditTrail(clock);
  const tree = new DepartmentTree(audit, clock);
  const repository = new RosterRepository();
  const imports = new RosterImports(database, new TableReader(), repository, audit, clock);
  const log = createLogger('bench', { level: 'silent' });
  const due = new DueImports(admission, clock);
  const runner = new RosterRunner(due, database, repository, tree, audit, new Unheard(), clock, log);
  const system = { type: 'system', id: null } as const;
  return {
    async admin() {
      const { id } = await database.run(scope, (tx) =>
        new MemberDirectory(tree, audit, clock).create(
          tx,
          system,
          { loginId: 'admin', displayName: '管理者', role: 'admin', segment: 'lgwan', departmentId: null },
          'x',
        ),
      );
      return { type: 'member', id } as const;
    },
    async take(actor: { type: 'member'; id: string }, turn: number) {
      const { id } = await imports.create(scope, actor, newId());
      const checkedAt = performance.now();
      for (const [kind, bytes] of [
        ['departments', departmentsFile()],
        ['members', membersFile(turn)],
      ] as const)
        await imports.putFile(scope, id, kind, { bytes, name: `${kind}.csv`, mode: 'complete' });
      const { digest, faultCount, counts } = await imports.check(scope, actor, id);
      const checkMs = performance.now() - checkedAt;
      if (!digest || faultCount > 0 || !counts) throw new Error(`${faultCount} faults`);
      const confirmedDisables = counts.department.disabled + counts.member.disabled;
      const plannedAt = performance.now();
      await imports.plan(scope, actor, id, { digest, effectiveOn: null, confirmedDisables });
      await runner.runDue();
      const applyMs = performance.now() - plannedAt;
      const { state } = await database.run(scope, (tx) => repository.get(tx, id));
      if (state !== 'applied') throw new Error(`the import is ${state}`);
      return { checkMs, applyMs };
    },
  };
}

const code = (index: number): string => `D${String(index % DEPARTMENTS).padStart(4, '0')}`;

/** Ten divisions, and the sections below them. */
const departmentsFile = (): Buffer =>
  Buffer.from(
    [
      '所属コード,所属名,上位所属コード',
      ...Array.from({ length: DEPARTMENTS }, (_, at) => `${code(at)},第${at}課,${at < 10 ? '' : code(at % 10)}`),
    ].join('\n'),
  );

const membersFile = (turn: number): Buffer =>
  Buffer.from(
    [
      'ログインID,氏名,所属コード,権限,ネットワーク,最終利用日,メールアドレス',
      'admin,管理者,,管理者,LGWAN接続系,,',
      ...Array.from(
        { length: MEMBERS - 1 },
        (_, at) => `user${at},職員 ${at},${code(at + turn)},職員,LGWAN接続系,,user${at}@city.example.jp`,
      ),
    ].join('\n'),
  );
