import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Arrival } from '#libs/sso';

/** Whom the guard of a return has let in. */
export const Arrived = createParamDecorator((_: unknown, context: ExecutionContext): Arrival => {
  const { user } = context.switchToHttp().getRequest<{ user?: Arrival }>();
  if (!user) throw new Error('a route without the guard of returns has nobody who arrived');
  return user;
});
