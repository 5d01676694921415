import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { Permission } from '#libs/identity';
import { problemSchema } from '../http/problem.ts';

export const ACCESS = 'moyai:access';
export type Access = Permission | 'public';

const documented = (access: Access) =>
  applyDecorators(
    SetMetadata(ACCESS, access),
    ApiResponse({ status: 'default', description: 'RFC 9457 problem', standardSchema: problemSchema }),
  );

/** Who may call a route. Every route says it, or {@link Public}; a test walks the router. */
export const RequirePermission = (permission: Permission) => documented(permission);

/** Needs no credentials. Still only reached through an ingress, on the networks where its address exists. */
export const Public = () => documented('public');
