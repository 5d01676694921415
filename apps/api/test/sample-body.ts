import type { OpenAPIObject } from '@nestjs/swagger';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly properties?: Record<string, Schema>;
  readonly minimum?: number;
  readonly pattern?: string;
}

/** Texts of a few known shapes: what a pattern or format says is not worked out, it is looked up. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/^date$/, '2026-06-01'],
  [/date-time/, '2026-06-01T00:00:00.000Z'],
  [/20\\d\{2\}-/, '2026-06'],
];

/**
 * A body such as a route's schema describes, with every field filled.
 * @param id for each uuid in it; a body without any has nothing to point at another's things with
 * @returns undefined for a route without a JSON body
 */
export function sampleBody(
  { paths, components }: OpenAPIObject,
  { method, path }: { method: string; path: string },
  id: string,
): object | undefined {
  const operation = (paths[path] as Record<string, { requestBody?: { content?: Record<string, { schema: Schema }> } }>)[
    method
  ];
  const schema = operation?.requestBody?.content?.['application/json']?.schema;
  const sample = (one: Schema): unknown => {
    if (one.$ref) return sample((components!.schemas as Record<string, Schema>)[one.$ref.split('/').at(-1)!]!);
    if (one.const !== undefined) return one.const;
    if (one.enum) return one.enum[0];
    const choices = one.anyOf ?? one.oneOf;
    if (choices) return sample(choices[0]!);
    if (one.type === 'object' || one.properties)
      return Object.fromEntries(Object.entries(one.properties ?? {}).map(([key, value]) => [key, sample(value)]));
    if (one.type === 'array')
      return Array.from({ length: Math.max(1, one.minItems ?? 0) }, () => sample(one.items ?? {}));
    if (one.type === 'boolean') return false;
    if (one.type === 'integer' || one.type === 'number') return Math.max(1, one.minimum ?? 1);
    if (one.format === 'uuid') return id;
    return TEXTS.find(([shape]) => shape.test(one.format ?? '') || shape.test(one.pattern ?? ''))?.[1] ?? 'himitsu';
  };
  return schema && (sample(schema) as object);
}
