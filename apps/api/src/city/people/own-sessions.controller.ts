import { Controller } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { OwnSessionRoutes } from '../../access/own-session-routes.ts';

/** A member's own open sessions and proofs. */
@ApiTags('second-factors')
@Controller('api/v1')
export class OwnSessionsController extends OwnSessionRoutes {}
