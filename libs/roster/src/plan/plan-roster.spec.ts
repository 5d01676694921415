import { describe, expect, it } from 'vitest';
import type { RosterMode } from '../roster.ts';
import { digestOf, lineOf, planRoster } from './plan-roster.ts';
import { readDay } from './roster-days.ts';
import type { KnownDepartment, KnownMember, RosterWorld } from './roster-world.ts';

const DAY = '2027-04-01';

const department = (code: string, parentCode: string | null = null): KnownDepartment => ({
  id: code,
  code,
  name: `${code}課`,
  parentCode,
  isClosed: false,
});
const member = (loginId: string, facts: Partial<KnownMember> = {}): KnownMember => ({
  id: loginId,
  key: loginId,
  loginId,
  displayName: loginId,
  departmentCode: null,
  role: 'staff',
  segment: 'lgwan',
  lastDay: null,
  mailAddress: null,
  status: 'active',
  hasComeIn: true,
  version: '1',
  ...facts,
});
const ADMIN = member('admin', { role: 'admin' });

const tableOf = (text: string) => {
  const [columns = [], ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(','));
  return { columns, rows: rows.map((cells, index) => ({ number: index + 2, cells })) };
};
const fileOf = (text: string | null, mode: RosterMode) => (text === null ? null : { table: tableOf(text), mode });

function plan(
  world: Partial<RosterWorld>,
  files: { departments?: string; members?: string },
  mode: RosterMode = 'listed',
) {
  const city = { departments: world.departments ?? [], members: [ADMIN, ...(world.members ?? [])] };
  return planRoster(
    city,
    { departments: fileOf(files.departments ?? null, mode), members: fileOf(files.members ?? null, mode) },
    DAY,
  );
}
const faultsOf = (...args: Parameters<typeof plan>) =>
  plan(...args).faults.map(({ file, row, column, message }) => `${file} ${row} ${column} ${message}`);

describe('the plan of an import', () => {
  it('tells apart who is added, moved, changed, disabled and unchanged', () => {
    const departments = [department('tax'), department('welfare')];
    const members = [
      member('stays', { departmentCode: 'tax' }),
      member('moves', { departmentCode: 'tax' }),
      member('marries', { departmentCode: 'tax' }),
      member('leaves'),
      member('left', { status: 'disabled' }),
      member('returns', { status: 'disabled' }),
    ];
    const { changes, counts, faults } = plan(
      { departments, members },
      {
        members: `ログインID,氏名,所属コード
          admin,admin,
          stays,stays,tax
          moves,moves,welfare
          marries,新姓,tax
          returns,returns,
          new,新人,welfare`,
      },
      'complete',
    );
    expect(faults).toEqual([]);
    expect(changes.map(({ kind, key, row }) => [kind, key, row])).toEqual([
      ['moved', 'moves', 4],
      ['changed', 'marries', 5],
      ['changed', 'returns', 6],
      ['added', 'new', 7],
      ['disabled', 'leaves', null],
    ]);
    expect(counts.member).toEqual({ added: 1, moved: 1, changed: 2, disabled: 1, unchanged: 2 });
  });

  it('disables nobody who is not in a list that says only whom it lists', () => {
    expect(plan({ members: [member('a')] }, { members: 'ログインID,氏名\nb,乙' }).counts.member).toMatchObject({
      added: 1,
      disabled: 0,
    });
  });

  it('leaves as it is what the file has no column or no word for', () => {
    const old = member('a', { role: 'manager', segment: 'my_number', lastDay: '2028-03-31', mailAddress: 'a@b.jp' });
    expect(plan({ members: [old] }, { members: 'ログインID,氏名,権限\na,a,' }).changes).toEqual([]);
    const [cleared] = plan({ members: [old] }, { members: 'ログインID,氏名,最終利用日,メールアドレス\na,a,,' }).changes;
    expect(cleared?.after).toMatchObject({ role: 'manager', lastDay: null, mailAddress: null });
  });

  it('takes departments of the same import, parents listed after their children too', () => {
    const { faults, changes } = plan(
      { departments: [department('old')] },
      {
        departments: '所属コード,所属名,上位所属コード\nchild,子課,new\nnew,新部,\nold,旧部,new',
        members: 'ログインID,氏名,所属コード\na,甲,child',
      },
    );
    expect(faults).toEqual([]);
    expect(changes.map(({ subject, kind, key }) => `${subject} ${kind} ${key}`)).toEqual([
      'department moved old',
      'department added child',
      'department added new',
      'member added a',
    ]);
  });

  it('keeps names that look like formulas as text, and takes back what our own files guard', () => {
    const { changes } = plan({}, { members: `ログインID,氏名\na,=1+1\nb,'@b` });
    expect(changes.map(({ after }) => ('displayName' in after ? after.displayName : ''))).toEqual(['=1+1', '@b']);
  });

  it('is the same text for the same change, and another for another', () => {
    const digest = (name: string) =>
      digestOf(plan({ members: [member('a')] }, { members: `ログインID,氏名\na,${name}` }).changes.map(lineOf));
    expect(digest('甲')).toBe(digest('甲'));
    expect(digest('甲')).not.toBe(digest('乙'));
  });
});

describe('an import is refused with row, column and what to do', () => {
  it.each([
    [
      'a login id twice, also after NFKC',
      { members: 'ログインID,氏名\nyamada,甲\nＹａｍａｄａ,乙' },
      /^members 3 ログインID 2行目と同じ/,
    ],
    ['no login id', { members: 'ログインID,氏名\n,甲' }, /^members 2 ログインID 空です/],
    ['a name too long', { members: `ログインID,氏名\na,${'長'.repeat(101)}` }, /^members 2 氏名 長すぎます/],
    [
      'an unknown department',
      { members: 'ログインID,氏名,所属コード\na,甲,none' },
      /^members 2 所属コード .*ありません/,
    ],
    [
      'an unknown role',
      { members: 'ログインID,氏名,権限\na,甲,市長' },
      /^members 2 権限 「市長」は使えません。職員、所属長/,
    ],
    ['an unknown network', { members: 'ログインID,氏名,ネットワーク\na,甲,wifi' }, /^members 2 ネットワーク/],
    [
      'a day that is none',
      { members: 'ログインID,氏名,最終利用日\na,甲,2027-02-30' },
      /^members 2 最終利用日 日付として/,
    ],
    ['a new member whose rights have ended', { members: 'ログインID,氏名,最終利用日\na,甲,2027-03-31' }, /反映日/],
    ['no mail address', { members: 'ログインID,氏名,メールアドレス\na,甲,a@' }, /^members 2 メールアドレス/],
    ['a column nobody knows', { members: 'ログインID,氏名,備考\na,甲,x' }, /^members 1 備考 .*取り込めません/],
    ['a column too few', { members: 'ログインID\na' }, /^members 1 氏名 「氏名」列がありません/],
    [
      'a department code twice',
      { departments: '所属コード,所属名\na,甲\nａ,乙' },
      /^departments 3 所属コード 2行目と同じ/,
    ],
    [
      'an unknown parent',
      { departments: '所属コード,所属名,上位所属コード\na,甲,none' },
      /^departments 2 上位所属コード/,
    ],
    [
      'a circle of departments',
      { departments: '所属コード,所属名,上位所属コード\na,甲,b\nb,乙,c\nc,丙,a' },
      /^departments 2 上位所属コード .*循環/,
    ],
  ])('when it has %s', (_, files, words) => {
    expect(faultsOf({}, files)[0]).toMatch(words);
  });

  it('when it would demote or disable the last administrator who can sign in', () => {
    const invited = member('invited', { role: 'admin', hasComeIn: false });
    const ending = member('ending', { role: 'admin', lastDay: '2027-12-31' });
    const world = { members: [invited, ending] };
    expect(faultsOf(world, { members: 'ログインID,氏名,権限\nadmin,admin,職員' })).toEqual([
      expect.stringMatching(/管理者が1人もいなくなります/),
    ]);
    expect(faultsOf(world, { members: 'ログインID,氏名\ninvited,x\nending,y' }, 'complete')).toHaveLength(1);
    expect(faultsOf(world, { members: 'ログインID,氏名,最終利用日\nadmin,admin,2027-12-31' })).toHaveLength(1);
    expect(
      faultsOf({ members: [member('b', { role: 'admin' })] }, { members: 'ログインID,氏名,権限\nadmin,a,職員' }),
    ).toEqual([]);
  });

  it('when a department closes that still has members or open departments below it', () => {
    const departments = [department('part'), department('sub', 'part')];
    const world = { departments, members: [member('a', { departmentCode: 'sub' })] };
    expect(faultsOf(world, { departments: '所属コード,所属名\nsub,sub課' }, 'complete')).toEqual([
      expect.stringMatching(/^departments 2 上位所属コード 上位所属「part」は廃止されます/),
    ]);
    expect(faultsOf(world, { departments: '所属コード,所属名\npart,part課' }, 'complete')).toEqual([
      expect.stringMatching(/職員が1人残ります/),
    ]);
    const moved = {
      departments: '所属コード,所属名\npart,part課',
      members: 'ログインID,氏名,所属コード\nadmin,admin,\na,a,part',
    };
    expect(faultsOf(world, moved, 'complete')).toEqual([]);
  });
});

describe('a day', () => {
  it.each([
    ['2027-03-31', '2027-03-31'],
    ['2027/3/31', '2027-03-31'],
    ['２０２７年３月３１日', '2027-03-31'],
    ['令和9年3月31日', '2027-03-31'],
    ['R9.3.31', '2027-03-31'],
    ['令和元年5月1日', '2019-05-01'],
    ['31/3/2027', null],
    ['2027-13-01', null],
    ['未定', null],
  ])('written %s is read as %s', (text, day) => {
    expect(readDay(text)).toBe(day);
  });
});
