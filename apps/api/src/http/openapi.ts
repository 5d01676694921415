import type { INestApplicationContext } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { problemSchema } from './problem.ts';

type Security = Record<string, string[]>[];
type Operation = { responses: Record<string, object>; security?: Security };

const CITY: Security = [{ memberSession: [] }, { apiKey: [] }];
const VENDOR: Security = [{ vendorSession: [] }];

/** A zod schema as OpenAPI 3.1. Schemas with an id (`.meta({ id })`) become components of that name. */
function convertSchema(schema: unknown, { schemaType }: { schemaType: 'input' | 'output' }) {
  if (!(schema instanceof z.ZodType)) return undefined;
  // A schema is only referred to by its id from within another one, hence the wrapper.
  const { properties, $defs = {} } = z.toJSONSchema(z.object({ wrapped: schema }), { io: schemaType });
  for (const definition of Object.values($defs)) delete definition['id'];
  return { schema: properties!['wrapped'], components: $defs };
}

/** The API in OpenAPI 3.1, made from the routes and their schemas. Needs no started application. */
export function describeApi(app: INestApplicationContext): OpenAPIObject {
  const description = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Moyai')
    .setVersion('1')
    .addCookieAuth('moyai_session', { type: 'apiKey', in: 'cookie' }, 'memberSession')
    .addCookieAuth('moyai_vendor_session', { type: 'apiKey', in: 'cookie' }, 'vendorSession')
    .addBearerAuth({ type: 'http', scheme: 'bearer' }, 'apiKey')
    .build();
  const document = SwaggerModule.createDocument(app as never, description, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
    standardSchemaConverter: convertSchema,
  });
  Object.assign(
    (document.components!.schemas ??= {}),
    convertSchema(problemSchema, { schemaType: 'output' })!.components,
  );
  for (const [path, item] of Object.entries(document.paths)) {
    for (const operation of Object.values(item) as Operation[]) {
      // The OpenAI-compatible routes answer errors in that API's own shape.
      if (!path.startsWith('/api/openai/'))
        operation.responses['default'] = {
          description: 'RFC 9457 problem',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        };
      if (!path.startsWith('/api/health/')) operation.security = /^\/api\/(?:ops|finance)\//.test(path) ? VENDOR : CITY;
    }
  }
  return document;
}
