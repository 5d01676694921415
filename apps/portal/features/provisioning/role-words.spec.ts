import { describe, expect, it } from 'vitest';
import { MAPPED_ROLES, type RoleWords, readRoleWords, repeatedWord, writeRoleWords } from './role-words.ts';

const none: RoleWords = { staff: '', manager: '', auditor: '', admin: '' };

describe('the provider’s words for roles', () => {
  it('are read as they are written', () => {
    const roles = [
      { value: '課長', role: 'manager' },
      { value: 'cn=bucho,dc=city', role: 'manager' },
      { value: 'moyai-admin', role: 'admin' },
    ] as const;
    const written = MAPPED_ROLES.map((role) => [role, writeRoleWords(roles, role)]);
    expect(readRoleWords({ ...none, ...Object.fromEntries(written) })).toEqual(roles);
    expect(readRoleWords({ ...none, staff: ' 主事； ; 主任 ' }).map(({ value }) => value)).toEqual(['主事', '主任']);
  });

  it('mean one role each', () => {
    expect(repeatedWord({ ...none, manager: '課長; 部長', admin: '部長' })).toBe('部長');
    expect(repeatedWord({ ...none, manager: '課長; 部長' })).toBeUndefined();
  });
});
