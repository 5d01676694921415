import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { OpsDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { CityShares, PoolHistory, PoolOverview } from '#libs/jobs';
import { Clock } from '#libs/kernel';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { idParams, instant, pageFrom, readCursor } from '../http/wire.ts';
import {
  changeShare,
  cityShare,
  cityShares,
  poolState,
  presentSample,
  sampleList,
  samplesQuery,
  sharesQuery,
} from './pool-schemas.ts';

/** The shared pool: what the providers grant and what of it is used, who waits, and each city's share. */
@ApiTags('pool')
@Controller('api/ops/v1')
export class PoolController {
  constructor(
    private readonly database: OpsDatabase,
    private readonly overview: PoolOverview,
    private readonly history: PoolHistory,
    private readonly shares: CityShares,
    private readonly clock: Clock,
  ) {}

  @Get('pool')
  @RequirePermission('pool:read')
  @ApiOkResponse({ standardSchema: poolState })
  async read(): Promise<z.infer<typeof poolState>> {
    const { deployments, lanes, isSampled } = await this.database.run((tx) => this.overview.read(tx));
    const sum = (figures: number[]): number => figures.reduce((total, figure) => total + figure, 0);
    return {
      at: instant(this.clock.now()),
      deployments: deployments.map((state) => ({ ...state, segments: [...state.segments] })),
      lanes: [...lanes],
      totals: {
        running: sum(deployments.map((state) => state.running)),
        waiting: sum(lanes.map((state) => state.waiting)),
      },
      isSampled,
    };
  }

  /** The pool's course, a sample every few seconds, oldest first. */
  @Get('pool/samples')
  @RequirePermission('pool:read')
  @ApiOkResponse({ standardSchema: sampleList })
  async samples(
    @Query({ schema: samplesQuery }) { minutes }: z.infer<typeof samplesQuery>,
  ): Promise<z.infer<typeof sampleList>> {
    const samples = await this.database.run((tx) => this.history.read(tx, minutes));
    return { items: samples.map(presentSample) };
  }

  /** Each city's share and how its line stands, in order of municipality code. */
  @Get('pool/cities')
  @RequirePermission('pool:read')
  @ApiOkResponse({ standardSchema: cityShares })
  async cities(
    @Query({ schema: sharesQuery }) { cursor, limit, waiting }: z.infer<typeof sharesQuery>,
  ): Promise<z.infer<typeof cityShares>> {
    const page = { after: readCursor(cursor), limit: limit + 1, onlyWaiting: waiting === 'true' };
    const rows = await this.database.run((tx) => this.shares.list(tx, page));
    return pageFrom(rows, limit, { after: ({ code }) => code, present: (row) => row });
  }

  @Get('cities/:id/share')
  @RequirePermission('pool:read')
  @ApiOkResponse({ standardSchema: cityShare })
  share(@Param({ schema: idParams }) { id }: z.infer<typeof idParams>): Promise<z.infer<typeof cityShare>> {
    return this.database.run((tx) => this.shares.get(tx, id));
  }

  /** Sets a city's weight, floor and limit; a floor or limit of null takes it away. */
  @Patch('cities/:id/share')
  @RequirePermission('pool:write')
  @ApiOkResponse({ standardSchema: cityShare })
  change(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: changeShare }) change: z.infer<typeof changeShare>,
  ): Promise<z.infer<typeof cityShare>> {
    return this.database.run((tx) => this.shares.change(tx, actor, id, change));
  }
}
