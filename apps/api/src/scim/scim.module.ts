import { Module } from '@nestjs/common';
import { IdentityModule } from '#libs/identity';
import { ScimDiscoveryController } from './discovery.controller.ts';
import { ScimGroupsController } from './groups.controller.ts';
import { ScimUsersController } from './users.controller.ts';

/** SCIM 2.0 for cities with an identity provider (docs/decisions/0028). */
@Module({
  imports: [IdentityModule],
  controllers: [ScimDiscoveryController, ScimUsersController, ScimGroupsController],
})
export class ScimModule {}
