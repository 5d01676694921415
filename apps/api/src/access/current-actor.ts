import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { OpenedSession } from '#libs/identity';
import type { ApiRequest } from '../http/api-request.ts';

const userOf = (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<ApiRequest>().user;

/** Who is asking. The access guard has made sure that there is one and that it belongs to the plane of the route. */
export const CurrentActor = createParamDecorator(userOf);

/** The session a password guard has just opened. */
export const NewSession = createParamDecorator((_: unknown, context: ExecutionContext): OpenedSession => {
  const opened: unknown = userOf(_, context);
  if (!opened) throw new Error('a route without a password guard has no new session');
  return opened as OpenedSession;
});
