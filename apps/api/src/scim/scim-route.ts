import { Header, applyDecorators } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { RequirePermission } from '../access/permission.ts';
import type { ScimGroup, ScimUser } from './scim-schemas.ts';

/** A route of the identity provider's key, answered in SCIM's own media type. */
export const ScimRoute = (standardSchema: z.ZodType, { created = false } = {}) =>
  applyDecorators(
    Header('content-type', 'application/scim+json; charset=utf-8'),
    RequirePermission('scim:provision'),
    (created ? ApiCreatedResponse : ApiOkResponse)({ standardSchema }),
  );

/** Sends the resource's version as its tag too (RFC 7644, 3.14). */
export function tagged<Resource extends ScimUser | ScimGroup>(response: Response, resource: Resource): Resource {
  response.setHeader('etag', resource.meta.version!);
  return resource;
}
