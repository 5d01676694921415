import type { MemberRole, VendorRole } from '#libs/identity';
import type { Segment } from '#libs/kernel';

/** Fictional places. Prefecture 99 does not exist, so no real city's code is taken; the check digits are right. */
export const DEMO_CITIES = [
  { code: '990019', name: 'みなと野市' },
  { code: '990027', name: '若葉が丘市' },
  { code: '990035', name: '白波町' },
] as const;

export type DemoCity = (typeof DEMO_CITIES)[number];

interface DemoDepartment {
  readonly code: string;
  readonly name: string;
  readonly parent: string | null;
}

/** Parents stand before their children. */
export const DEMO_DEPARTMENTS: readonly DemoDepartment[] = [
  { code: '01', name: '総務部', parent: null },
  { code: '0101', name: '情報政策課', parent: '総務部' },
  { code: '0102', name: '総務課', parent: '総務部' },
  { code: '02', name: '市民部', parent: null },
  { code: '0201', name: '市民課', parent: '市民部' },
  { code: '0202', name: '税務課', parent: '市民部' },
  { code: '03', name: '監査委員事務局', parent: null },
];

interface DemoMember {
  readonly loginId: string;
  readonly displayName: string;
  readonly role: MemberRole;
  readonly segment: Segment;
  readonly department: string;
}

export const DEMO_MEMBERS: readonly DemoMember[] = [
  { loginId: 'admin', displayName: '青木 管理', role: 'admin', segment: 'lgwan', department: '情報政策課' },
  { loginId: 'manager', displayName: '井上 課長', role: 'manager', segment: 'lgwan', department: '総務課' },
  { loginId: 'staff', displayName: '上田 職員', role: 'staff', segment: 'lgwan', department: '総務課' },
  { loginId: 'auditor', displayName: '江口 監査', role: 'auditor', segment: 'lgwan', department: '監査委員事務局' },
  { loginId: 'staff-mynumber', displayName: '大野 職員', role: 'staff', segment: 'my_number', department: '税務課' },
];

export const DEMO_PURPOSES = [
  { code: 'juminzei', name: '個人住民税の賦課に関する事務', legalBasis: '番号法別表（地方税法）' },
  { code: 'jidoteate', name: '児童手当の支給に関する事務', legalBasis: '番号法別表（児童手当法）' },
] as const;

interface DemoVendorUser {
  readonly loginId: string;
  readonly displayName: string;
  readonly role: VendorRole;
}

export const DEMO_VENDOR: readonly DemoVendorUser[] = [
  { loginId: 'ops', displayName: '運用担当', role: 'ops' },
  // For what two of them must say
  { loginId: 'ops-lead', displayName: '運用責任者', role: 'ops' },
  { loginId: 'finance', displayName: '経理担当', role: 'finance' },
  { loginId: 'approver', displayName: '経理責任者', role: 'approver' },
];
