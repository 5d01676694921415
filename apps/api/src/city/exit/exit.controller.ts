import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import { type CityExit, OwnExit } from '#libs/exits';
import type { MemberActor } from '#libs/identity';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission, RequireStepUp } from '../../access/permission.ts';
import { cityExit, presentExit } from '../../http/exit-schemas.ts';

const ownExit = z.object({ exit: cityExit.nullable() }).meta({ id: 'OwnExit' });

const present = (exit: CityExit | null): z.infer<typeof ownExit> => ({ exit: exit && presentExit(exit) });

/** Whether the city leaves, and the city's own part in it. */
@ApiTags('exit')
@Controller('api/v1/exit')
export class OwnExitController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly exits: OwnExit,
  ) {}

  @Get()
  @RequirePermission('exit:read')
  @ApiOkResponse({ standardSchema: ownExit })
  async get(@CurrentActor() { scope }: MemberActor): Promise<z.infer<typeof ownExit>> {
    return present(await this.database.run(scope, (tx) => this.exits.find(tx)));
  }

  /** The city agrees to what the vendor proposed; without it nothing happens. */
  @Post('agree')
  @HttpCode(200)
  @RequireStepUp()
  @RequirePermission('exit:agree')
  @ApiOkResponse({ standardSchema: ownExit })
  async agree(@CurrentActor() actor: MemberActor): Promise<z.infer<typeof ownExit>> {
    return present(await this.database.run(actor.scope, (tx) => this.exits.agree(tx, actor)));
  }

  /** The city has its data: the waiting period begins. */
  @Post('receive')
  @HttpCode(200)
  @RequireStepUp()
  @RequirePermission('exit:agree')
  @ApiOkResponse({ standardSchema: ownExit })
  async receive(@CurrentActor() actor: MemberActor): Promise<z.infer<typeof ownExit>> {
    return present(await this.database.run(actor.scope, (tx) => this.exits.receive(tx, actor)));
  }
}
