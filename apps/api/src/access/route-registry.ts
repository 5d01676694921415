import type { OpenAPIObject } from '@nestjs/swagger';
import type { Access } from './permission.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** One address of the API, and what it asks for. */
export interface ApiRoute {
  readonly method: (typeof METHODS)[number];
  /** With `{names}` for its parameters. */
  readonly path: string;
  readonly access: Access;
  /** Whether who asks must have proven lately who they are. */
  readonly stepUp: boolean;
}

/** Every route there is, in the order of the description. */
export function routesOf({ paths }: Pick<OpenAPIObject, 'paths'>): ApiRoute[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method] as { 'x-permission'?: Access; 'x-step-up'?: true } | undefined;
      if (!operation) return [];
      return [{ method, path, access: operation['x-permission']!, stepUp: operation['x-step-up'] === true }];
    }),
  );
}

/** Whose address it is: an address of one plane does not exist on the other's networks. */
export function planeOf({ path }: ApiRoute): 'city' | 'vendor' | 'both' {
  if (/^\/api\/(?:ops|finance)\//.test(path)) return 'vendor';
  return /^\/api\/(?:health\/|openapi\.json$)/.test(path) ? 'both' : 'city';
}
