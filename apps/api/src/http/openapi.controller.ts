import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Public } from '../access/permission.ts';

/** Serves the description of the API, which `createApi` hands over once all routes are known. */
@ApiExcludeController()
@Controller('api/openapi.json')
export class OpenApiController {
  document: OpenAPIObject | undefined;

  @Get()
  @Public()
  read(): OpenAPIObject | undefined {
    return this.document;
  }
}
