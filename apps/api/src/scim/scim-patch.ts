import { ScimError, type ScimPatchOperation, type ScimResource, scimPatch } from 'scim-patch';
import { DomainError } from '#libs/kernel';
import type { PatchOperation } from './scim-schemas.ts';

/** The library walks paths by name: these names would lead it out of the resource. */
const ESCAPE = /__proto__|prototype|constructor/i;

const invalid = (cause?: unknown) => new DomainError('SCIM.PATH_INVALID', { cause });

/** The attributes as RFC 7643 writes them; clients may write them in any case. */
const NAMES = ['userName', 'externalId', 'displayName', 'name', 'emails', 'roles', 'active', 'members'] as const;
const spelt = (path: string): string =>
  path.replace(/^[a-z]+/i, (first) => NAMES.find((name) => name.toLowerCase() === first.toLowerCase()) ?? first);

/** An operation in the one form the library takes, and without a way out of the resource. */
function plain({ op, path, value }: PatchOperation): ScimPatchOperation {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if ([path ?? '', ...keys].some((name) => ESCAPE.test(name))) throw invalid();
  const verb = op.toLowerCase() as 'add' | 'remove' | 'replace';
  if (verb === 'remove') {
    if (path === undefined) throw invalid();
    return { op: verb, path: spelt(path), value };
  }
  if (path !== undefined) return { op: verb, path: spelt(path), value };
  if (keys.length === 0 || Array.isArray(value)) throw invalid();
  return {
    op: verb,
    value: Object.fromEntries(Object.entries(value as object).map(([key, inner]) => [spelt(key), inner])),
  };
}

/**
 * What a resource becomes by a PATCH (RFC 7644, 3.5.2), also as Entra ID writes it: operations in capitals, booleans as
 * words, paths in the keys of a value without path. All operations or none.
 * @throws DomainError SCIM.PATH_INVALID
 */
export function patched(resource: object, operations: readonly PatchOperation[]): unknown {
  const plainOperations = operations.map(plain);
  try {
    return scimPatch(structuredClone(resource) as unknown as ScimResource, plainOperations, {
      mutateDocument: true,
      treatMissingAsAdd: true,
    });
  } catch (error) {
    if (error instanceof ScimError || error instanceof TypeError) throw invalid(error);
    throw error;
  }
}
