import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';

/** A zod schema as OpenAPI 3.1. Schemas with an id (`.meta({ id })`) become components of that name. */
function convertSchema(schema: unknown, { schemaType }: { schemaType: 'input' | 'output' }) {
  if (!(schema instanceof z.ZodType)) return undefined;
  // A schema is only referred to by its id from within another one, hence the wrapper.
  const { properties, $defs = {} } = z.toJSONSchema(z.object({ wrapped: schema }), { io: schemaType });
  const components = Object.entries($defs).map(([name, { id: _id, ...definition }]) => [name, definition]);
  return { schema: properties!['wrapped'], components: Object.fromEntries(components) };
}

/** The API in OpenAPI 3.1, made from the routes and their schemas. Needs no started application. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const description = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Moyai')
    .setVersion('1')
    .addCookieAuth('moyai_session', { type: 'apiKey', in: 'cookie' }, 'memberSession')
    .addCookieAuth('moyai_vendor_session', { type: 'apiKey', in: 'cookie' }, 'vendorSession')
    .addBearerAuth({ type: 'http', scheme: 'bearer' }, 'apiKey')
    .build();
  return SwaggerModule.createDocument(app, description, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
    standardSchemaConverter: convertSchema,
  });
}
