import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { DomainError, type FieldFault } from '#libs/kernel';

const MAX_DEPTH = 32;
// They would reach the prototype of whatever the input is merged into.
const PROTOTYPE_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

type Path = readonly PropertyKey[];

/** RFC 6901. */
const pointerTo = (path: Path): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const invalid = (...faults: FieldFault[]) => new DomainError('REQUEST.INVALID', { faults });

/** PostgreSQL cannot store NUL, and half a surrogate pair is no text in any encoding. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/**
 * What no schema of ours says but all rely on: bounded depth, storable text, no prototype keys. Walks with a list of its
 * own, so that depth costs no stack.
 * @throws DomainError REQUEST.INVALID
 */
function assertPlainInput(input: unknown): void {
  const pending: { value: unknown; path: Path }[] = [{ value: input, path: [] }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, path } = next;
    if (typeof value === 'string') {
      if (!isStorable(value)) throw invalid({ pointer: pointerTo(path), message: '使えない文字が含まれています。' });
      continue;
    }
    if (typeof value !== 'object' || value === null) continue;
    // The pointer of something this deep would be longer than the limit it reports.
    if (path.length >= MAX_DEPTH) throw invalid({ pointer: '', message: '入れ子が深すぎます。' });
    for (const [key, child] of Object.entries(value)) {
      if (PROTOTYPE_KEYS.has(key) || !isStorable(key))
        throw invalid({ pointer: pointerTo(path), message: '使えない項目名が含まれています。' });
      pending.push({ value: child, path: [...path, key] });
    }
  }
}

/** Japanese words for what a schema refused. They never repeat what was sent. */
function wordsFor(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return '知らない項目です。';
    case 'invalid_type':
      return '型が違うか、必要な値がありません。';
    case 'invalid_value':
      return '選べない値です。';
    case 'too_small':
      return issue.origin === 'string' ? `${issue.minimum}文字以上で入力してください。` : '小さすぎるか、足りません。';
    case 'too_big':
      return issue.origin === 'string' ? `${issue.maximum}文字以内で入力してください。` : '大きすぎるか、多すぎます。';
    case 'custom':
      return issue.message;
    default:
      return '形式が違います。';
  }
}

/** What is wrong with a value of several possible shapes is what is wrong with it in the shape it comes closest to. */
function closest(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const faults = (fault: z.core.$ZodIssue): number => {
    if (fault.code === 'invalid_type' && fault.path.length === 0) return Number.POSITIVE_INFINITY;
    return fault.code === 'unrecognized_keys' ? fault.keys.length : 1;
  };
  const distance = (shape: readonly z.core.$ZodIssue[]): number => shape.reduce((sum, fault) => sum + faults(fault), 0);
  const [nearest] = issue.errors.toSorted((one, other) => distance(one) - distance(other));
  return nearest!.flatMap((inner) => closest({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** What looks like the name of a field, and holds nothing else: an answer repeats nothing that it was sent. */
const FIELD_NAME = /^[a-z_]{1,40}$/i;

/** Each field that is unknown is a fault of its own, in its own place where it has a name. */
const faultsIn = (issue: z.core.$ZodIssue): FieldFault[] =>
  (issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => (FIELD_NAME.test(key) ? [...issue.path, key] : issue.path))
    : [issue.path]
  ).map((path) => ({
    pointer: pointerTo(path),
    message: wordsFor(issue),
  }));

/**
 * Reads outside input by its schema.
 * @throws DomainError REQUEST.INVALID with a fault per field
 */
export async function readInput<Schema extends z.ZodType>(schema: Schema, input: unknown): Promise<z.output<Schema>> {
  assertPlainInput(input);
  const result = await schema.safeParseAsync(input);
  if (result.success) return result.data;
  throw invalid(...result.error.issues.flatMap(closest).flatMap(faultsIn));
}

/** Global: every parameter of a route is read by the schema its decorator names. A test proves that each names one. */
@Injectable()
export class RequestInputPipe implements PipeTransform {
  async transform(value: unknown, { type, schema }: ArgumentMetadata): Promise<unknown> {
    if (type === 'custom' || !schema) return value;
    try {
      return await readInput(schema as z.ZodType, value);
    } catch (error) {
      // An address that cannot name anything names nothing: the same answer as for a thing that is not there.
      if (type === 'param' && error instanceof DomainError) throw new DomainError('REQUEST.NOT_FOUND');
      throw error;
    }
  }
}
