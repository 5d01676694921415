import { z } from 'zod';
import { loginIdSchema, nameSchema } from '../http/wire.ts';

export const SCHEMAS = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
} as const;

/** At most what a page gives, and what one request may do. */
export const LIMITS = { page: 200, operations: 100, members: 2_000 } as const;

// Entra ID writes booleans as words, in the resource and in paths.
const flag = z.preprocess(
  (value) => (typeof value === 'string' ? { true: true, false: false }[value.toLowerCase()] : value),
  z.boolean(),
);
const text = (longest: number) => z.string().trim().max(longest);
/** RFC 7643 says that an empty value is no value; so is null. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === null || value === '' ? undefined : value), schema.optional());

/** A user as clients send one. What is not listed is not kept here, and is passed over (RFC 7644, 3.3). */
export const userBody = z
  .object({
    userName: loginIdSchema,
    externalId: optional(text(255)),
    displayName: optional(nameSchema),
    name: optional(
      z.object({ formatted: optional(text(100)), familyName: optional(text(50)), givenName: optional(text(50)) }),
    ),
    emails: optional(
      z
        .array(z.object({ value: optional(z.email().max(254)), primary: optional(flag), type: optional(text(50)) }))
        .max(20),
    ),
    roles: optional(z.array(z.object({ value: optional(text(100)), primary: optional(flag) })).max(20)),
    active: optional(flag),
  })
  .meta({ id: 'ScimUserBody' });
export type UserBody = z.infer<typeof userBody>;

const operation = z.object({
  op: z.string().regex(/^(?:add|remove|replace)$/i),
  path: optional(z.string().max(256)),
  value: z.unknown().optional(),
});

export const patchBody = z
  .object({
    schemas: z
      .array(z.string())
      .refine((named) => named.includes(SCHEMAS.patch), 'schemas が PatchOp ではありません。'),
    Operations: z.array(operation).min(1).max(LIMITS.operations),
  })
  .meta({ id: 'ScimPatch' });
export type PatchOperation = z.infer<typeof operation>;

const whole = (least: number, fallback: number) =>
  z.coerce
    .number()
    .int()
    .default(fallback)
    .transform((value) => Math.max(least, Math.min(value, 1_000_000)));

/** Numbers below what there is mean the least there is (RFC 7644, 3.4.2.4). */
export const listQuery = z.object({
  filter: z.string().max(400).optional(),
  startIndex: whole(1, 1),
  count: whole(0, 100).transform((count) => Math.min(count, LIMITS.page)),
  excludedAttributes: z.string().max(400).optional(),
});
export type ListQuery = z.infer<typeof listQuery>;

const meta = z.object({
  resourceType: z.string(),
  created: z.string().optional(),
  lastModified: z.string().optional(),
  location: z.string(),
  version: z.string().optional(),
});

export const scimUser = z
  .object({
    schemas: z.array(z.string()),
    id: z.string(),
    externalId: z.string().optional(),
    userName: z.string(),
    displayName: z.string(),
    name: z.object({ formatted: z.string() }),
    emails: z.array(z.object({ value: z.string(), type: z.string(), primary: z.boolean() })).optional(),
    roles: z.array(z.object({ value: z.string(), primary: z.boolean() })).optional(),
    active: z.boolean(),
    meta,
  })
  .meta({ id: 'ScimUser' });
export type ScimUser = z.infer<typeof scimUser>;

export const scimGroup = z
  .object({
    schemas: z.array(z.string()),
    id: z.string(),
    externalId: z.string(),
    displayName: z.string(),
    members: z.array(z.object({ value: z.string() })).optional(),
    meta,
  })
  .meta({ id: 'ScimGroup' });
export type ScimGroup = z.infer<typeof scimGroup>;

const listOf = <Resource extends z.ZodType>(id: string, resource: Resource) =>
  z
    .object({
      schemas: z.array(z.string()),
      totalResults: z.int(),
      startIndex: z.int(),
      itemsPerPage: z.int(),
      Resources: z.array(resource),
    })
    .meta({ id });
export const scimUserList = listOf('ScimUserList', scimUser);
export const scimGroupList = listOf('ScimGroupList', scimGroup);
