import { SetMetadata } from '@nestjs/common';
import type { Permission } from '#libs/identity';

export const ACCESS = 'moyai:access';
export type Access = Permission | 'public';

/** Who may call a route. Every route says it, or {@link Public}; a test walks the router. */
export const RequirePermission = (permission: Permission) => SetMetadata<string, Access>(ACCESS, permission);

/** Needs no credentials. Still only reached through an ingress, on the networks where its address exists. */
export const Public = () => SetMetadata<string, Access>(ACCESS, 'public');
