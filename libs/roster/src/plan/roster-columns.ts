import type { MemberRole } from '#libs/identity';
import type { Segment } from '#libs/kernel';
import type { RosterFileKind } from '../roster.ts';

interface RosterColumn {
  /** As our own files write it, and as faults name it. */
  readonly heading: string;
  /** Other headings that mean the same. */
  readonly aliases: readonly string[];
  readonly isRequired?: true;
}

export const DEPARTMENT_COLUMNS = {
  code: { heading: '所属コード', aliases: ['コード', 'code'], isRequired: true },
  name: { heading: '所属名', aliases: ['名称', '所属', 'name'], isRequired: true },
  parentCode: { heading: '上位所属コード', aliases: ['親コード', 'parent_code'] },
} as const satisfies Record<string, RosterColumn>;

export const MEMBER_COLUMNS = {
  loginId: { heading: 'ログインID', aliases: ['login_id'], isRequired: true },
  displayName: { heading: '氏名', aliases: ['name'], isRequired: true },
  departmentCode: { heading: '所属コード', aliases: ['department_code'] },
  role: { heading: '権限', aliases: ['role'] },
  segment: { heading: 'ネットワーク', aliases: ['segment'] },
  lastDay: { heading: '最終利用日', aliases: ['last_day'] },
  mailAddress: { heading: 'メールアドレス', aliases: ['mail_address'] },
} as const satisfies Record<string, RosterColumn>;

export type MemberColumn = keyof typeof MEMBER_COLUMNS;

export const COLUMNS: Readonly<Record<RosterFileKind, Readonly<Record<string, RosterColumn>>>> = {
  departments: DEPARTMENT_COLUMNS,
  members: MEMBER_COLUMNS,
};

/** As the portal shows them; the first word of each is what our own files write. */
export const ROLE_WORDS: Readonly<Record<MemberRole, readonly string[]>> = {
  staff: ['職員', '一般職員', 'staff'],
  manager: ['所属長', 'manager'],
  admin: ['管理者', 'admin'],
  auditor: ['監査担当者', '監査担当', 'auditor'],
};
export const SEGMENT_WORDS: Readonly<Record<Segment, readonly string[]>> = {
  lgwan: ['LGWAN接続系', 'LGWAN', 'LGWAN系'],
  my_number: ['個人番号利用事務系', 'マイナンバー利用事務系', 'my_number'],
  internet: ['インターネット接続系', 'インターネット', 'internet'],
};
