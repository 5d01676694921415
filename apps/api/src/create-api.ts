import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Clock } from '#libs/kernel';
import { Log, NestLog } from '#libs/observability';
import type { ApiProcessConfig } from './api-config.ts';
import { AppModule } from './app.module.ts';
import { ingressGate } from './http/ingress.ts';
import { MAX_BODY_BYTES, jsonOnly } from './http/json-body.ts';
import { OpenApiController } from './http/openapi.controller.ts';
import { describeApi } from './http/openapi.ts';
import { requestContext } from './http/request-context.ts';
import { sameOriginOnly } from './http/same-origin.ts';

// Longer than the ingress keeps idle connections, so that it is never the api that closes under a request.
const KEEP_ALIVE_MS = 75_000;
const HEADERS_MS = 80_000;

/** The whole api, not yet listening. The order of the gates is the order of their cost: nothing unvouched is parsed. */
export async function createApi(config: ApiProcessConfig): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(config), {
    bodyParser: false,
    abortOnError: false,
    bufferLogs: true,
    // What fails before there is a log is told by whoever started it.
    logger: false,
  });
  app.useLogger(new NestLog(app.get(Log)));
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requestContext);
  app.use(ingressGate(config.api.ingressSecret, app.get(Clock)));
  app.use(sameOriginOnly);
  app.useBodyParser('json', { limit: MAX_BODY_BYTES, type: ['application/json', 'application/scim+json'] });
  app.use(jsonOnly);
  app.get(OpenApiController).document = describeApi(app);
  const server = app.getHttpServer();
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = HEADERS_MS;
  return app;
}
