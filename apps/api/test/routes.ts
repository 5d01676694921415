import { newId } from '#libs/kernel';
import { OpenApiController } from '../src/http/openapi.controller.ts';
import { type ApiRoute, routesOf } from '../src/access/route-registry.ts';
import type { TestApi } from './test-api.ts';

/** Every route of the running api. */
export const everyRoute = (api: TestApi): ApiRoute[] => routesOf(api.app.get(OpenApiController).document!);

/** What the parameters of addresses can look like; what is not listed is an id. */
const EXAMPLES: Record<string, string> = {
  month: '2026-06',
  level: 'department',
  format: 'pdf',
  validFrom: '2026-06-01',
};

/** The address with well-formed parameters. @param idOf by the parameter's name; ids that name nothing unless told */
export const addressOf = ({ path }: Pick<ApiRoute, 'path'>, idOf: (name: string) => string = () => newId()): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => EXAMPLES[name] ?? idOf(name));
