import { describe, expect, it } from 'vitest';
import { readDepartmentCodes, writeDepartmentCodes } from './department-codes.ts';

describe('departments of groups', () => {
  it('are read as they are written, also with a distinguished name for a group', () => {
    const codes = { 'cn=soumu,dc=city': '0101', 税務課: '0102' };
    expect(readDepartmentCodes(writeDepartmentCodes(codes))).toEqual(codes);
    expect(readDepartmentCodes('')).toEqual({});
    expect(readDepartmentCodes('総務=1；税務=2;')).toEqual({ 総務: '1', 税務: '2' });
  });

  it.each(['総務', '=1', '総務='])('are not understood in half: %s', (text) => {
    expect(readDepartmentCodes(text)).toBeNull();
  });
});
