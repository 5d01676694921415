import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { OpsDatabase } from '#libs/database';
import { CityEndings, ENDING_KINDS } from '#libs/tenancy';
import { RequirePermission } from '../access/permission.ts';
import { daySchema } from '../http/wire.ts';

const cityEndings = z
  .object({
    items: z.array(
      z
        .object({
          city: z.object({ id: z.uuid(), code: z.string(), name: z.string() }),
          kind: z.enum(ENDING_KINDS),
          /** The last JST day of service. */
          endsOn: daySchema,
          daysLeft: z.int(),
        })
        .meta({ id: 'CityEnding' }),
    ),
  })
  .meta({ id: 'CityEndingList' });

/** Trials and contracts that end soon, with nothing agreed to that follows. */
@ApiTags('cities')
@Controller('api/ops/v1/city-endings')
export class CityEndingsController {
  constructor(
    private readonly database: OpsDatabase,
    private readonly endings: CityEndings,
  ) {}

  /** The first to end first: trials of the next 14 days, contracts of the next 30. Their administrators are told too. */
  @Get()
  @RequirePermission('city:read')
  @ApiOkResponse({ standardSchema: cityEndings })
  async list(): Promise<z.infer<typeof cityEndings>> {
    return { items: await this.database.run((tx) => this.endings.all(tx)) };
  }
}
