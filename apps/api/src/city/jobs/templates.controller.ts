import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import type { MemberActor } from '#libs/identity';
import { idUnderKey, newId } from '#libs/kernel';
import { Templates } from '#libs/templates';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { AcceptsIdempotencyKey, idempotencyKey } from '../../http/idempotency.ts';
import { readInput } from '../../http/request-input.ts';
import { idParams, pageFrom, readCursor } from '../../http/wire.ts';
import {
  newTemplate,
  positionOf,
  presentTemplate,
  presentWithBody,
  readPosition,
  templateChange,
  templatePage,
  templateQuery,
  templateWithBody,
} from './template-schemas.ts';

type Id = z.infer<typeof idParams>;
type WithBody = z.infer<typeof templateWithBody>;

/** テンプレート: one's own, those of the departments one belongs to, and the city's, on the network of the request. */
@ApiTags('templates')
@Controller('api/v1/templates')
export class TemplatesController {
  constructor(private readonly templates: Templates) {}

  /** The newest first; administrators see those of all departments. */
  @Get()
  @RequirePermission('template:read')
  @ApiOkResponse({ standardSchema: templatePage })
  async list(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: templateQuery }) { cursor, limit, audience, query }: z.infer<typeof templateQuery>,
  ): Promise<z.infer<typeof templatePage>> {
    const before = readPosition(readCursor(cursor));
    const rows = await this.templates.list(actor, { audience, query, before, limit: limit + 1 });
    return pageFrom(rows, limit, { after: positionOf, present: presentTemplate });
  }

  @Get(':id')
  @RequirePermission('template:read')
  @ApiOkResponse({ standardSchema: templateWithBody })
  async read(@CurrentActor() actor: MemberActor, @Param({ schema: idParams }) { id }: Id): Promise<WithBody> {
    return presentWithBody(await this.templates.read(actor, id));
  }

  /** For a department by its manager or an administrator, for the city by an administrator. */
  @Post()
  @RequirePermission('template:write')
  @AcceptsIdempotencyKey('Scoped to the member.')
  @ApiCreatedResponse({ standardSchema: templateWithBody })
  async create(
    @CurrentActor() actor: MemberActor,
    @Body({ schema: newTemplate }) { note = null, ...body }: z.infer<typeof newTemplate>,
    @Headers('idempotency-key') sentKey: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WithBody> {
    const key = await readInput(idempotencyKey, sentKey);
    const id = key === undefined ? newId() : idUnderKey(actor.id, `template/${key}`);
    const made = await this.templates.create(actor, { id, note, ...body });
    response.location(`/api/v1/templates/${made.id}`);
    return presentWithBody(made);
  }

  @Put(':id')
  @RequirePermission('template:write')
  @ApiOkResponse({ standardSchema: templateWithBody })
  async change(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: Id,
    @Body({ schema: templateChange }) { version, ...words }: z.infer<typeof templateChange>,
  ): Promise<WithBody> {
    return presentWithBody(await this.templates.change(actor, id, version, words));
  }

  /** For good. */
  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('template:write')
  @ApiNoContentResponse()
  async delete(@CurrentActor() actor: MemberActor, @Param({ schema: idParams }) { id }: Id): Promise<void> {
    await this.templates.delete(actor, id);
  }
}
