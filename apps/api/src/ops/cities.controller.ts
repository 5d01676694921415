import { Body, Controller, Get, Header, Headers, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { OpsDatabase } from '#libs/database';
import { CityAccess, type VendorActor } from '#libs/identity';
import { CitySuspension, Suspensions } from '#libs/jobs';
import { CityOverview, CityRegistry, CityReports } from '#libs/tenancy';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission, RequireStepUp } from '../access/permission.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../http/idempotency.ts';
import { readInput } from '../http/request-input.ts';
import { idParams, instantOrNull, pageFrom } from '../http/wire.ts';
import { citiesCsv } from './cities-csv.ts';
import { CityOnboarding } from './city-onboarding.ts';
import {
  changeCity,
  citiesCsvQuery,
  citiesQuery,
  city,
  cityPage,
  presentCity,
  readPosition,
  resumeCity,
  suspendCity,
  writePosition,
} from './city-schemas.ts';
import { cityReport, createCity, createdCity, issuedInvitation, presentInvitation } from './onboarding-schemas.ts';

/** Above the number of municipalities there are: the whole list is one file. */
const CSV_LIMIT = 5_000;

/** The cities the vendor serves: states and counts, nothing they wrote. */
@ApiTags('cities')
@Controller('api/ops/v1')
export class CitiesController {
  constructor(
    private readonly database: OpsDatabase,
    private readonly overview: CityOverview,
    private readonly cities: CityRegistry,
    private readonly reports: CityReports,
    private readonly onboarding: CityOnboarding,
    private readonly suspension: CitySuspension,
    private readonly suspensions: Suspensions,
    private readonly access: CityAccess,
  ) {}

  /** Sums over a day and a week, members and last activity may be some minutes old. */
  @Get('cities')
  @RequirePermission('city:read')
  @ApiOkResponse({ standardSchema: cityPage })
  async list(
    @Query({ schema: citiesQuery }) { cursor, limit, ...query }: z.infer<typeof citiesQuery>,
  ): Promise<z.infer<typeof cityPage>> {
    const page = { after: readPosition(cursor), limit: limit + 1 };
    const rows = await this.database.run((tx) => this.overview.list(tx, query, page));
    return pageFrom(rows, limit, {
      after: ({ position }) => writePosition(position),
      present: ({ state }) => presentCity(state),
    });
  }

  /** The same list, whole, as a table. */
  @Get('cities.csv')
  @RequirePermission('city:read')
  @Header('content-type', 'text/csv; charset=utf-8')
  @ApiOkResponse({ content: { 'text/csv': { schema: { type: 'string' } } } })
  async export(
    @Query({ schema: citiesCsvQuery }) query: z.infer<typeof citiesCsvQuery>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const rows = await this.database.run((tx) => this.overview.list(tx, query, { after: null, limit: CSV_LIMIT }));
    response.attachment('moyai-cities.csv');
    return citiesCsv(rows.map(({ state }) => state));
  }

  @Get('cities/:id')
  @RequirePermission('city:read')
  @ApiOkResponse({ standardSchema: city })
  async read(@Param({ schema: idParams }) { id }: z.infer<typeof idParams>): Promise<z.infer<typeof city>> {
    return presentCity(await this.database.run((tx) => this.overview.get(tx, id)));
  }

  /** What is missing before its people can work, and its course. Counts and days, no names of persons. */
  @Get('cities/:id/report')
  @RequirePermission('city:read')
  @ApiOkResponse({ standardSchema: cityReport })
  async report(@Param({ schema: idParams }) { id }: z.infer<typeof idParams>): Promise<z.infer<typeof cityReport>> {
    const { admins, contracts, months, days, ready } = await this.database.run(async (tx) =>
      this.reports.read(tx, (await this.cities.get(tx, id)).id),
    );
    return {
      ready,
      admins: { ...admins, lastSignInAt: instantOrNull(admins.lastSignInAt) },
      contracts: [...contracts],
      months: [...months],
      days: [...days],
    };
  }

  /**
   * The first administrator comes by an invitation, which is mailed where mails are sent and an address is given, and else
   * shown this once: the city's own address with `/invitation#` and the token. Lost, it is issued again.
   */
  @Post('cities')
  @RequirePermission('city:write')
  @AcceptsIdempotencyKey(
    'Sent again under the same key it is the same city, with a new invitation if none was accepted.',
  )
  @ApiCreatedResponse({ standardSchema: createdCity })
  async create(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: createCity }) body: z.infer<typeof createCity>,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<z.infer<typeof createdCity>> {
    const { city: registered, invitation } = await this.onboarding.onboard(actor, body, {
      key: await readInput(idempotencyKey, key),
    });
    return {
      city: await this.read({ id: registered.id }),
      invitation: invitation && presentInvitation(invitation),
    };
  }

  /** Invites the first administrator anew, who has not come; the older invitation ends. */
  @Post('cities/:id/invitation')
  @HttpCode(200)
  @RequirePermission('city:write')
  @RequireStepUp()
  @ApiOkResponse({ standardSchema: issuedInvitation })
  async invite(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof issuedInvitation>> {
    return presentInvitation(await this.onboarding.invite(actor, id));
  }

  /** Renames it, or moves the last day of its trial; null ends being on trial, for a city that goes on as it is. */
  @Patch('cities/:id')
  @RequirePermission('city:write')
  @ApiOkResponse({ standardSchema: city })
  async change(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: changeCity }) change: z.infer<typeof changeCity>,
  ): Promise<z.infer<typeof city>> {
    const changed = await this.database.run((tx) => this.cities.change(tx, actor, id, change));
    this.access.changed(changed.id);
    return this.read({ id });
  }

  /**
   * Nobody of the city gets in from now on, and open streams end. What waits stays waiting, with its budget reserved; what
   * runs comes to its end, or is cancelled.
   */
  @Post('cities/:id/suspend')
  @HttpCode(200)
  @RequirePermission('city:write')
  @RequireStepUp()
  @ApiOkResponse({ standardSchema: city })
  async suspend(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: suspendCity }) body: z.infer<typeof suspendCity>,
  ): Promise<z.infer<typeof city>> {
    const suspended = await this.database.run((tx) => this.suspension.suspend(tx, actor, id, body));
    this.access.changed(suspended.id, 'TENANCY.SUSPENDED');
    await this.suspensions.heed();
    return this.read({ id });
  }

  /** What waited is admitted again in fair order. */
  @Post('cities/:id/resume')
  @HttpCode(200)
  @RequirePermission('city:write')
  @ApiOkResponse({ standardSchema: city })
  async resume(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: resumeCity }) { reason }: z.infer<typeof resumeCity>,
  ): Promise<z.infer<typeof city>> {
    const resumed = await this.database.run((tx) => this.suspension.resume(tx, actor, id, reason));
    this.access.changed(resumed.id);
    await this.suspensions.heed();
    return this.read({ id });
  }
}
