import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { DomainError } from '#libs/kernel';
import { RESOURCE_TYPES, SCIM_SCHEMAS, SERVICE_PROVIDER } from './scim-discovery.ts';
import { ScimRoute } from './scim-route.ts';
import { SCHEMAS } from './scim-schemas.ts';

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
  @ScimRoute(described)
  provider(): z.infer<typeof described> {
    return SERVICE_PROVIDER;
  }

  @Get('ResourceTypes')
  @ScimRoute(describedList)
  resourceTypes(): z.infer<typeof describedList> {
    return listOf(RESOURCE_TYPES);
  }

  @Get('ResourceTypes/:name')
  @ScimRoute(described)
  resourceType(@Param({ schema: named }) { name }: z.infer<typeof named>): z.infer<typeof described> {
    return pick(RESOURCE_TYPES, name);
  }

  @Get('Schemas')
  @ScimRoute(describedList)
  schemas(): z.infer<typeof describedList> {
    return listOf(SCIM_SCHEMAS);
  }

  @Get('Schemas/:name')
  @ScimRoute(described)
  schema(@Param({ schema: named }) { name }: z.infer<typeof named>): z.infer<typeof described> {
    return pick(SCIM_SCHEMAS, name);
  }
}
