import { Controller } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { OwnSessionRoutes } from '../access/own-session-routes.ts';

/** The own open sessions and proofs of the vendor's people. */
@ApiTags('vendor-second-factors')
@Controller('api/ops/v1')
export class OwnVendorSessionsController extends OwnSessionRoutes {}
