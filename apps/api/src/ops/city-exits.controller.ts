import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { AuditTrail } from '#libs/audit';
import { type CrossTenantTransaction, OpsDatabase } from '#libs/database';
import { CityExits, type CityExitRecord, type ExitCertificate, FindingJudgements, certificatePdf } from '#libs/exits';
import { CityAccess, type VendorActor } from '#libs/identity';
import { VENDOR_TENANT_ID, idUnderKey } from '#libs/kernel';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission, RequireStepUp } from '../access/permission.ts';
import { cityExitRecord, presentExitRecord } from '../http/exit-schemas.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../http/idempotency.ts';
import { sendFile } from '../http/invoice-file.ts';
import { readInput } from '../http/request-input.ts';
import { idParams, pageFrom, pageOf, pageQuery, readIdCursor } from '../http/wire.ts';

const words = z.string().trim().min(1).max(500);
const listQuery = pageQuery.extend({ cityId: z.uuid().optional(), open: z.enum(['true', 'false']).default('false') });
const exitPage = pageOf('CityExitPage', cityExitRecord);
const planExit = z.strictObject({ cityId: z.uuid(), reason: words }).meta({ id: 'PlanCityExit' });
const handOver = z.strictObject({ note: words }).meta({ id: 'HandOverCityExit' });
const startDeletion = z.strictObject({ cityName: z.string().max(100) }).meta({ id: 'StartCityDeletion' });
const columnName = z.string().min(1).max(63);
const judgeFinding = z
  .strictObject({ place: columnName, column: columnName, reason: words })
  .meta({ id: 'JudgeExitFinding' });
const judgementParams = z.strictObject({ id: z.uuid(), judgementId: z.uuid() });
const certificateParams = z.strictObject({ id: z.uuid(), format: z.enum(['pdf', 'json']) });
const BINARY = { schema: { type: 'string', format: 'binary' } } as const;

type Exit = z.infer<typeof cityExitRecord>;

/** Cities that leave: planned by the vendor, agreed to by the city, removed after the waiting period, certified. */
@ApiTags('city-exits')
@Controller('api/ops/v1/city-exits')
export class CityExitsController {
  constructor(
    private readonly database: OpsDatabase,
    private readonly exits: CityExits,
    private readonly judgements: FindingJudgements,
    private readonly access: CityAccess,
    private readonly audit: AuditTrail,
  ) {}

  /** Newest first; of one city where it is named, and of those that are neither over nor withdrawn where only `open` ones are asked for. */
  @Get()
  @RequirePermission('city-exit:read')
  @ApiOkResponse({ standardSchema: exitPage })
  async list(
    @Query({ schema: listQuery }) { cursor, limit, cityId, open }: z.infer<typeof listQuery>,
  ): Promise<z.infer<typeof exitPage>> {
    const page = { before: readIdCursor(cursor), limit: limit + 1, cityId, open: open === 'true' };
    const rows = await this.database.run((tx) => this.exits.list(tx, page));
    return pageFrom(rows, limit, { after: ({ id }) => id, present: presentExitRecord });
  }

  /** Proposes it; nothing changes for the city before its administrator agrees. */
  @Post()
  @RequirePermission('city-exit:write')
  @AcceptsIdempotencyKey('Scoped to the person.')
  @ApiCreatedResponse({ standardSchema: cityExitRecord })
  async plan(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: planExit }) body: z.infer<typeof planExit>,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<Exit> {
    const underKey = await readInput(idempotencyKey, key);
    const id = underKey === undefined ? undefined : idUnderKey(actor.id, `city_exits ${underKey}`);
    return this.step((tx) => this.exits.plan(tx, actor, body, id));
  }

  @Get(':id')
  @RequirePermission('city-exit:read')
  @ApiOkResponse({ standardSchema: cityExitRecord })
  async get(@Param({ schema: idParams }) { id }: z.infer<typeof idParams>): Promise<Exit> {
    return presentExitRecord(await this.database.run((tx) => this.exits.get(tx, id)));
  }

  /** From here on nothing is created in the city; a worker ends its jobs and writes its archives. */
  @Post(':id/freeze')
  @HttpCode(200)
  @RequireStepUp()
  @RequirePermission('city-exit:write')
  @ApiOkResponse({ standardSchema: cityExitRecord })
  async freeze(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<Exit> {
    return this.step((tx) => this.exits.freeze(tx, actor, id));
  }

  /** The vendor handed the data over by another way than the city's own download, and says how. */
  @Post(':id/hand-over')
  @HttpCode(200)
  @RequireStepUp()
  @RequirePermission('city-exit:write')
  @ApiOkResponse({ standardSchema: cityExitRecord })
  async handOver(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: handOver }) { note }: z.infer<typeof handOver>,
  ): Promise<Exit> {
    return this.step((tx) => this.exits.handOver(tx, actor, id, note));
  }

  /** Possible until the deletion begins. */
  @Post(':id/withdraw')
  @HttpCode(200)
  @RequirePermission('city-exit:write')
  @ApiOkResponse({ standardSchema: cityExitRecord })
  async withdraw(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<Exit> {
    return this.step((tx) => this.exits.withdraw(tx, actor, id));
  }

  /** Cannot be undone. Asked again it sets a deletion going that something stopped. */
  @Post(':id/delete')
  @HttpCode(200)
  @RequireStepUp()
  @RequirePermission('city-exit:write')
  @ApiOkResponse({ standardSchema: cityExitRecord })
  async startDeletion(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: startDeletion }) { cityName }: z.infer<typeof startDeletion>,
  ): Promise<Exit> {
    return this.step((tx) => this.exits.startDeletion(tx, actor, id, cityName));
  }

  /** A name that the scan found is not of the city; another person confirms it, and the deletion is set going again. */
  @Post(':id/judgements')
  @HttpCode(200)
  @RequireStepUp()
  @RequirePermission('city-exit:write')
  @ApiOkResponse({ standardSchema: cityExitRecord })
  async judge(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: judgeFinding }) finding: z.infer<typeof judgeFinding>,
  ): Promise<Exit> {
    return presentExitRecord(await this.database.run((tx) => this.judgements.judge(tx, actor, id, finding)));
  }

  @Post(':id/judgements/:judgementId/confirm')
  @HttpCode(200)
  @RequireStepUp()
  @RequirePermission('city-exit:write')
  @ApiOkResponse({ standardSchema: cityExitRecord })
  async confirmJudgement(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: judgementParams }) { id, judgementId }: z.infer<typeof judgementParams>,
  ): Promise<Exit> {
    return presentExitRecord(await this.database.run((tx) => this.judgements.confirm(tx, actor, id, judgementId)));
  }

  /** The same bytes each time, for good: the city has nobody left who could fetch it. */
  @Get(':id/certificate.:format')
  @RequirePermission('city-exit:read')
  @ApiOkResponse({ content: { 'application/pdf': BINARY, 'application/json': BINARY } })
  async certificate(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: certificateParams }) { id, format }: z.infer<typeof certificateParams>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const { document, sha256 } = await this.database.run(async (tx) => {
      const found = await this.exits.certificate(tx, id);
      await tx.actOn(VENDOR_TENANT_ID);
      await this.audit.append(tx, {
        action: 'exit-certificate.taken-out',
        actor,
        subject: { type: 'city-exit', id },
        details: { format },
      });
      return found;
    });
    const certificate = JSON.parse(document) as ExitCertificate;
    const name = `データ削除証明書_${certificate.city.code}.${format}`;
    if (format === 'json')
      return sendFile(response, { name, type: 'application/json; charset=utf-8', body: Buffer.from(document) });
    return sendFile(response, { name, type: 'application/pdf', body: await certificatePdf(certificate, sha256) });
  }

  /** After the commit every process learns what the city may do now. */
  private async step(work: (tx: CrossTenantTransaction) => Promise<CityExitRecord>): Promise<Exit> {
    const exit = await this.database.run(work);
    this.access.changed(
      exit.city.id,
      exit.state === 'frozen' || exit.state === 'deleting' ? 'TENANCY.FROZEN' : undefined,
    );
    return presentExitRecord(exit);
  }
}
