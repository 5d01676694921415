import { SetMetadata, applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Permission, SessionStage } from '#libs/identity';

export const ACCESS = 'moyai:access';
export type Access = Permission | 'public';

/** Read by the guard, and written into openapi.json, from which docs/permissions.md and the test of every route are made. */
const declare = (access: Access) => applyDecorators(SetMetadata(ACCESS, access), ApiExtension('x-permission', access));

/** Who may call a route. Every route says it, or {@link Public}; a test walks the router. */
export const RequirePermission = (permission: Permission) => declare(permission);

/** Needs no credentials. Still only reached through an ingress, on the networks where its address exists. */
export const Public = () => declare('public');

export const STAGES = 'moyai:stages';

/** Sessions that are not whole yet reach no route but those that say so: the ones by which they become whole. */
export const WhileSigningIn = (...stages: SessionStage[]) => SetMetadata(STAGES, stages);

export const STEP_UP = 'moyai:step-up';

/**
 * For what is dangerous: password and second factor must have been proven at most ten minutes ago in this session, else
 * 403 IDENTITY.STEP_UP_REQUIRED. The portal then asks, and sends the request again. Which routes those are stands in
 * openapi.json and docs/permissions.md, and as a list in routes.http.spec.ts.
 */
export const RequireStepUp = () => applyDecorators(SetMetadata(STEP_UP, true), ApiExtension('x-step-up', true));
