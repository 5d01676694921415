import { SetMetadata, applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Permission } from '#libs/identity';

export const ACCESS = 'moyai:access';
export type Access = Permission | 'public';

/** Read by the guard, and written into openapi.json, from which docs/permissions.md and the test of every route are made. */
const declare = (access: Access) => applyDecorators(SetMetadata(ACCESS, access), ApiExtension('x-permission', access));

/** Who may call a route. Every route says it, or {@link Public}; a test walks the router. */
export const RequirePermission = (permission: Permission) => declare(permission);

/** Needs no credentials. Still only reached through an ingress, on the networks where its address exists. */
export const Public = () => declare('public');
