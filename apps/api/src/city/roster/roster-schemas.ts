import { z } from 'zod';
import { MEMBER_ROLES } from '#libs/identity';
import { ERROR_CODES, type ErrorCode } from '#libs/kernel';
import { CHANGE_KINDS, ROSTER_FILES, ROSTER_MODES, ROSTER_STATES, type RosterImport } from '#libs/roster';
import { ERROR_WORDS } from '../../http/error-words.ts';
import { daySchema, instant, instantOrNull, instantSchema, pageOf, pageQuery, segmentSchema } from '../../http/wire.ts';

const count = z.int().min(0);
const counts = z
  .object({ added: count, moved: count, changed: count, disabled: count, unchanged: count })
  .meta({ id: 'RosterCounts' });
const file = z.object({ name: z.string(), mode: z.enum(ROSTER_MODES), rowCount: count }).meta({ id: 'RosterFile' });
const digest = z.string().regex(/^[0-9a-f]{64}$/);

const subject = z.enum(['department', 'member']);
/** Which line: the department's code or the login id, as the diff names it. */
export const rosterLine = z.strictObject({ subject, key: z.string().min(1).max(64) }).meta({ id: 'RosterLine' });

export const rosterImport = z
  .object({
    id: z.uuid(),
    state: z.enum(ROSTER_STATES),
    createdAt: instantSchema,
    createdBy: z.string(),
    files: z.object({ departments: file.nullable(), members: file.nullable() }),
    /** What the check found; null before it. */
    counts: z.object({ department: counts, member: counts }).nullable(),
    /** Of the diff: SHA-256, in hex. Null while there are faults. */
    digest: digest.nullable(),
    faultCount: count,
    /** The JST day from whose 00:00 on it holds; null: at once. */
    effectiveOn: daySchema.nullable(),
    plannedAt: instantSchema.nullable(),
    /** Lines taken out of the plan before its day. */
    withdrawn: z.array(rosterLine),
    /** Changes written so far, of how many. */
    done: count,
    total: count,
    endedAt: instantSchema.nullable(),
    /** Why it failed, whole: nothing was changed. */
    failure: z
      .object({
        code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
        title: z.string(),
        detail: z.string().nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'RosterImport' });

export const rosterImportPage = pageOf('RosterImportPage', rosterImport);

export const fileParams = z.strictObject({ id: z.uuid(), kind: z.enum(ROSTER_FILES) });
export const fileQuery = z.strictObject({ mode: z.enum(ROSTER_MODES) });
export const kindParams = z.strictObject({ kind: z.enum(ROSTER_FILES) });

export const decision = z
  .strictObject({
    /** Of the diff that was shown. */
    digest,
    /** A JST day within the year to come; null: at once. */
    effectiveOn: daySchema.nullable(),
    /** How many members are disabled and departments closed, as it was shown. */
    confirmedDisables: count,
  })
  .meta({ id: 'RosterDecision' });

const departmentFacts = z
  .object({ name: z.string(), parentCode: z.string().nullable(), isClosed: z.boolean() })
  .meta({ id: 'RosterDepartmentFacts' });
const memberFacts = z
  .object({
    displayName: z.string(),
    departmentCode: z.string().nullable(),
    role: z.enum(MEMBER_ROLES),
    segment: segmentSchema,
    lastDay: daySchema.nullable(),
    mailAddress: z.string().nullable(),
    status: z.enum(['active', 'disabled']),
  })
  .meta({ id: 'RosterMemberFacts' });

const line = { kind: z.enum(CHANGE_KINDS), key: z.string(), row: z.int().nullable() };
/** One line of the diff. `key` is the department's code or the login id. */
const rosterChange = z
  .discriminatedUnion('subject', [
    z.object({ subject: z.literal('department'), ...line, before: departmentFacts.nullable(), after: departmentFacts }),
    z.object({ subject: z.literal('member'), ...line, before: memberFacts.nullable(), after: memberFacts }),
  ])
  .meta({ id: 'RosterChange' });
export const rosterChangePage = pageOf('RosterChangePage', rosterChange);
export const changeQuery = pageQuery.extend({ subject: subject.optional(), kind: z.enum(CHANGE_KINDS).optional() });

export const faultList = z
  .object({
    items: z.array(
      z
        .object({
          file: z.enum(ROSTER_FILES),
          row: z.int().nullable(),
          column: z.string().nullable(),
          message: z.string(),
        })
        .meta({ id: 'RosterFault' }),
    ),
  })
  .meta({ id: 'RosterFaultList' });

export const presentImport = (found: RosterImport): z.infer<typeof rosterImport> => ({
  ...found,
  withdrawn: [...found.withdrawn],
  createdAt: instant(found.createdAt),
  plannedAt: instantOrNull(found.plannedAt),
  endedAt: instantOrNull(found.endedAt),
  failure: found.failure && { ...found.failure, title: ERROR_WORDS[found.failure.code].ja },
});
