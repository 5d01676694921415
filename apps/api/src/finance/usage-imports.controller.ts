import { Controller, Post } from '@nestjs/common';
import { ApiConsumes, ApiBody, ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { BulkDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { UsageImport } from '#libs/metering';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { FileStream } from '../http/file-body.ts';

const receipt = z
  .object({
    rows: z.int().min(0),
    recorded: z.int().min(0),
    /** On record before, or twice in the file. */
    duplicates: z.int().min(0),
    /** Recorded, but no price rates them yet. */
    unrated: z.int().min(0),
  })
  .meta({ id: 'UsageImportReceipt' });

/** Usage of models outside the pool, such as a city's own box. */
@ApiTags('finance')
@Controller('api/finance/v1/usage-imports')
export class UsageImportsController {
  constructor(
    private readonly database: BulkDatabase,
    private readonly imports: UsageImport,
  ) {}

  /** Takes in a CSV file (UTF-8, the names of the columns in its first row), all of it or nothing. Sent again it changes nothing. */
  @Post()
  @RequirePermission('usage-import:write')
  @ApiConsumes('text/csv')
  @ApiBody({ schema: { type: 'string' } })
  @ApiCreatedResponse({ standardSchema: receipt })
  async take(
    @CurrentActor() actor: VendorActor,
    @FileStream() file: AsyncIterable<Uint8Array>,
  ): Promise<z.infer<typeof receipt>> {
    return this.database.run((tx) => this.imports.take(tx, actor, file));
  }
}
