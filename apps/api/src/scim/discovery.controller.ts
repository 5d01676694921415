import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { DomainError } from '#libs/kernel';
import { RequirePermission } from '../access/permission.ts';
import { RESOURCE_TYPES, SCIM_SCHEMAS, SERVICE_PROVIDER } from './scim-discovery.ts';
import { SCHEMAS } from './scim-schemas.ts';

const JSON_TYPE = 'application/scim+json; charset=utf-8';
const described = z.looseObject({ schemas: z.array(z.string()) }).meta({ id: 'ScimDescription' });
const describedList = z
  .object({ schemas: z.array(z.string()), totalResults: z.int(), Resources: z.array(described) })
  .meta({ id: 'ScimDescriptionList' });
const named = z.strictObject({ name: z.string().max(100) });

const listOf = (resources: readonly z.infer<typeof described>[]): z.infer<typeof describedList> => ({
  schemas: [SCHEMAS.list],
  totalResults: resources.length,
  Resources: [...resources],
});

function pick(resources: readonly z.infer<typeof described>[], name: string): z.infer<typeof described> {
  const found = resources.find(({ id }) => id === name);
  if (!found) throw new DomainError('REQUEST.NOT_FOUND');
  return found;
}

/** What this service provider can do, so that a client need not guess (RFC 7644, section 4). */
@ApiTags('scim')
@Controller('api/scim/v2')
export class ScimDiscoveryController {
  @Get('ServiceProviderConfig')
  @Header('content-type', JSON_TYPE)
  @RequirePermission('scim:provision')
  @ApiOkResponse({ standardSchema: described })
  provider(): z.infer<typeof described> {
    return SERVICE_PROVIDER;
  }

  @Get('ResourceTypes')
  @Header('content-type', JSON_TYPE)
  @RequirePermission('scim:provision')
  @ApiOkResponse({ standardSchema: describedList })
  resourceTypes(): z.infer<typeof describedList> {
    return listOf(RESOURCE_TYPES);
  }

  @Get('ResourceTypes/:name')
  @Header('content-type', JSON_TYPE)
  @RequirePermission('scim:provision')
  @ApiOkResponse({ standardSchema: described })
  resourceType(@Param({ schema: named }) { name }: z.infer<typeof named>): z.infer<typeof described> {
    return pick(RESOURCE_TYPES, name);
  }

  @Get('Schemas')
  @Header('content-type', JSON_TYPE)
  @RequirePermission('scim:provision')
  @ApiOkResponse({ standardSchema: describedList })
  schemas(): z.infer<typeof describedList> {
    return listOf(SCIM_SCHEMAS);
  }

  @Get('Schemas/:name')
  @Header('content-type', JSON_TYPE)
  @RequirePermission('scim:provision')
  @ApiOkResponse({ standardSchema: described })
  schema(@Param({ schema: named }) { name }: z.infer<typeof named>): z.infer<typeof described> {
    return pick(SCIM_SCHEMAS, name);
  }
}
