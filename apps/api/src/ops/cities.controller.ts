import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { OpsDatabase } from '#libs/database';
import { CityAccess, type VendorActor } from '#libs/identity';
import { isMunicipalityCode } from '#libs/kernel';
import { CityOverview, CityRegistry, type CityState } from '#libs/tenancy';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import {
  changeOf,
  idParams,
  instant,
  instantOrNull,
  instantSchema,
  loginIdSchema,
  nameSchema,
  pageFrom,
  pageOf,
  pageQuery,
  readCursor,
} from '../http/wire.ts';
import { CityOnboarding } from './city-onboarding.ts';

const status = z.enum(['active', 'suspended', 'frozen', 'deleted']);
const tokens = z.int().min(0);

const city = z
  .object({
    id: z.uuid(),
    code: z.string(),
    name: z.string(),
    status,
    createdAt: instantSchema,
    members: z.int(),
    month: z.object({ month: z.string(), limitTokens: tokens, usedTokens: tokens, reservedTokens: tokens }),
    jobs: z.object({ waiting: z.int(), running: z.int() }),
    lastActivityAt: instantSchema.nullable(),
  })
  .meta({ id: 'City' });

const cityPage = pageOf('CityPage', city);

const createCity = z
  .strictObject({
    code: z
      .string()
      .regex(/^\d{6}$/)
      .refine(isMunicipalityCode, '団体コードの検査数字が合いません。'),
    name: nameSchema,
    monthlyLimitTokens: tokens.max(1_000_000_000_000),
    firstAdmin: z.strictObject({ loginId: loginIdSchema, displayName: nameSchema }),
  })
  .meta({ id: 'CreateCity' });

const createdCity = z.object({ city, initialPassword: z.string() }).meta({ id: 'CreatedCity' });

const changeCity = changeOf('ChangeCity', { name: nameSchema, status: status.extract(['active', 'suspended']) });

const present = (state: CityState): z.infer<typeof city> => ({
  ...state,
  createdAt: instant(state.createdAt),
  lastActivityAt: instantOrNull(state.lastActivityAt),
});

/** The cities the vendor serves: states and counts, nothing they wrote. */
@ApiTags('cities')
@Controller('api/ops/v1/cities')
export class CitiesController {
  constructor(
    private readonly database: OpsDatabase,
    private readonly overview: CityOverview,
    private readonly cities: CityRegistry,
    private readonly onboarding: CityOnboarding,
    private readonly access: CityAccess,
  ) {}

  @Get()
  @RequirePermission('city:read')
  @ApiOkResponse({ standardSchema: cityPage })
  async list(
    @Query({ schema: pageQuery }) { cursor, limit }: z.infer<typeof pageQuery>,
  ): Promise<z.infer<typeof cityPage>> {
    const after = readCursor(cursor);
    const rows = await this.database.run((tx) => this.overview.list(tx, { after, limit: limit + 1 }));
    return pageFrom(rows, limit, { after: ({ code }) => code, present });
  }

  /** The first administrator's password is shown this once. */
  @Post()
  @RequirePermission('city:write')
  @ApiCreatedResponse({ standardSchema: createdCity })
  async create(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: createCity }) body: z.infer<typeof createCity>,
  ): Promise<z.infer<typeof createdCity>> {
    const { city: registered, initialPassword } = await this.onboarding.onboard(actor, body);
    return { city: await this.read(registered.id), initialPassword };
  }

  /** Renames, suspends or takes up again. */
  @Patch(':id')
  @RequirePermission('city:write')
  @ApiOkResponse({ standardSchema: city })
  async change(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: changeCity }) change: z.infer<typeof changeCity>,
  ): Promise<z.infer<typeof city>> {
    const changed = await this.database.run((tx) => this.cities.change(tx, actor, id, change));
    this.access.changed(changed.id);
    return this.read(id);
  }

  private async read(id: string): Promise<z.infer<typeof city>> {
    return present(await this.database.run((tx) => this.overview.get(tx, id)));
  }
}
