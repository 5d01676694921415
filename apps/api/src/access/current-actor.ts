import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Segment } from '#libs/kernel';
import type { ApiRequest } from '../http/api-request.ts';

const requestOf = (context: ExecutionContext): ApiRequest => context.switchToHttp().getRequest();

/** Who is asking. The access guard has made sure that there is one and that the type fits the plane of the route. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext) => requestOf(context).user);

/** The segment the request came in through; only city routes have one. */
export const CurrentSegment = createParamDecorator((_: unknown, context: ExecutionContext): Segment => {
  const segment = requestOf(context).network?.segment;
  if (!segment) throw new Error('a route outside the city plane has no segment');
  return segment;
});
