import { z } from 'zod';
import { AUDIENCES, TEMPLATE_SIZES, type Template, readPlaces } from '#libs/templates';
import { instant, instantSchema, pageOf, pageQuery, wrongCursor } from '../../http/wire.ts';

const words = {
  title: z.string().trim().min(1).max(TEMPLATE_SIZES.title),
  /** `{住所}` is a place to be filled in, or the column of that name in a batch; `{{` is a brace. */
  body: z.string().min(1).max(TEMPLATE_SIZES.body).regex(/\S/),
  /** On its use. */
  note: z.string().trim().min(1).max(TEMPLATE_SIZES.note).nullable(),
};

export const newTemplate = z
  .strictObject({
    ...words,
    note: words.note.optional(),
    /** `own`: for who makes it. `department`: for everybody posted there or below. `city`: for everybody. */
    audience: z.enum(AUDIENCES),
    /** For `department`; the own one unless it is said. */
    departmentId: z.uuid().optional(),
  })
  .refine(({ audience, departmentId }) => departmentId === undefined || audience === 'department', {
    path: ['departmentId'],
    message: '所属は、所属のテンプレートにだけ指定できます。',
  })
  .meta({ id: 'CreateTemplate' });

export const templateChange = z
  .strictObject({
    ...words,
    /** The version that was changed: a later one is not overwritten. */
    version: z.int().min(1),
  })
  .meta({ id: 'ChangeTemplate' });

const template = z
  .object({
    id: z.uuid(),
    title: z.string(),
    note: z.string().nullable(),
    audience: z.enum(AUDIENCES),
    departmentId: z.uuid().nullable(),
    departmentName: z.string().nullable(),
    /** Whether who asks may change and delete it. */
    canChange: z.boolean(),
    /** Whose it was before, where it was handed over. */
    handedOverFrom: z.string().nullable(),
    version: z.int(),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: 'Template' });
export const templatePage = pageOf('TemplatePage', template);

export const templateWithBody = template
  .extend({
    body: z.string(),
    /** The body as it was read: what stands as it is, and what is to be filled in. */
    parts: z.array(z.union([z.object({ text: z.string() }), z.object({ place: z.string() })])),
  })
  .meta({ id: 'TemplateWithBody' });

export const templateQuery = pageQuery.extend({
  audience: z.enum(AUDIENCES).optional(),
  /** Part of the title. */
  query: z.string().trim().max(100).optional(),
});

export const presentTemplate = (row: Template): z.infer<typeof template> => ({
  id: row.id,
  title: row.title,
  note: row.note,
  audience: row.audience,
  departmentId: row.departmentId,
  departmentName: row.departmentName,
  canChange: row.canChange,
  handedOverFrom: row.handedOverFrom,
  version: row.version,
  createdAt: instant(row.createdAt),
  updatedAt: instant(row.updatedAt),
});

export const presentWithBody = (row: Template): z.infer<typeof templateWithBody> => ({
  ...presentTemplate(row),
  body: row.body,
  parts: [...readPlaces(row.body).parts],
});

const position = z.tuple([z.iso.datetime(), z.uuid()]);

export const positionOf = ({ createdAt, id }: Template): string => `${instant(createdAt)} ${id}`;

/** @throws DomainError REQUEST.INVALID */
export function readPosition(after: string): Pick<Template, 'createdAt' | 'id'> | undefined {
  if (after === '') return undefined;
  const read = position.safeParse(after.split(' '));
  if (!read.success) throw wrongCursor();
  const [createdAt, id] = read.data;
  return { createdAt: new Date(createdAt), id };
}
