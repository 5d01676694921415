import { describe, expect, it } from 'vitest';
import { type Permission, ROLE_PERMISSIONS, VENDOR_PERMISSIONS } from './permissions.ts';

/** Behind these stand questions, answers and files. */
const CONTENT = /^(?:job|conversation|batch|document):/;
const contentOf = (permissions: readonly Permission[]) => permissions.filter((one) => CONTENT.test(one));

describe('the table of permissions', () => {
  it('gives auditors the audit and no content', () => {
    expect(ROLE_PERMISSIONS.auditor).toContain('audit:read');
    expect(contentOf(ROLE_PERMISSIONS.auditor)).toEqual([]);
  });

  it('gives nobody of the vendor content', () => {
    expect(contentOf(Object.values(VENDOR_PERMISSIONS).flat())).toEqual([]);
    expect(contentOf(ROLE_PERMISSIONS.staff)).not.toEqual([]);
  });

  it('names nothing twice in a role', () => {
    for (const permissions of [...Object.values(ROLE_PERMISSIONS), ...Object.values(VENDOR_PERMISSIONS)])
      expect(permissions).toEqual([...new Set(permissions)]);
  });
});
