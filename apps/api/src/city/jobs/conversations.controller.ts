import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { CityActor } from '#libs/identity';
import { type Conversation, Conversations } from '#libs/jobs';
import { DomainError, jstDayAfter } from '#libs/kernel';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { daySchema } from '../../http/wire.ts';
import { errorOf, finishReason, jobError, jobId, usage } from './job-schemas.ts';
import { requesterOf } from './requester.ts';

const conversation = z
  .object({
    id: z.uuid(),
    title: z.string(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    /** The last day of its newest words, where the network keeps them for a limited time; older ones go before them. */
    keptUntil: daySchema.nullable(),
    /** Whose it was before, where it was handed over. */
    handedOverFrom: z.string().nullable(),
  })
  .meta({ id: 'Conversation' });

const conversationPage = z
  .object({ items: z.array(conversation), nextCursor: z.string().nullable() })
  .meta({ id: 'ConversationPage' });

const turn = z
  .object({
    jobId: z.uuid(),
    status: z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']),
    prompt: z.string(),
    answer: z.string().nullable(),
    finishReason,
    model: z.string(),
    simulated: z.boolean().nullable(),
    acceptedAt: z.iso.datetime(),
    usage: usage.nullable(),
    error: jobError.nullable(),
  })
  .meta({ id: 'Turn' });

const conversationWithTurns = conversation.extend({ turns: z.array(turn) }).meta({ id: 'ConversationWithTurns' });

const listQuery = z.strictObject({
  query: z.string().max(100).optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(30),
});

const renameBody = z.strictObject({ title: z.string().trim().min(1).max(100) }).meta({ id: 'RenameConversation' });

const cursorShape = z.tuple([z.iso.datetime(), z.uuid()]);

/** A member's own conversations. */
@ApiTags('conversations')
@Controller('api/v1/conversations')
export class ConversationsController {
  constructor(private readonly conversations: Conversations) {}

  @Get()
  @RequirePermission('conversation:read')
  @ApiOkResponse({ standardSchema: conversationPage })
  async list(
    @CurrentActor() actor: CityActor,
    @Query({ schema: listQuery }) { query, cursor, limit }: z.infer<typeof listQuery>,
  ): Promise<z.infer<typeof conversationPage>> {
    const before = cursor ? readCursor(cursor) : undefined;
    const items = await this.conversations.list(requesterOf(actor), { query, limit: limit + 1, before });
    const page = items.slice(0, limit);
    return {
      items: page.map((one) => present(one, actor)),
      nextCursor: items.length > limit ? cursorAt(page.at(-1)!) : null,
    };
  }

  @Get(':id')
  @RequirePermission('conversation:read')
  @ApiOkResponse({ standardSchema: conversationWithTurns })
  async read(
    @CurrentActor() actor: CityActor,
    @Param({ schema: jobId }) { id }: z.infer<typeof jobId>,
  ): Promise<z.infer<typeof conversationWithTurns>> {
    const found = await this.conversations.read(requesterOf(actor), id);
    return {
      ...present(found, actor),
      turns: found.turns.map(({ errorCode, ...one }) => ({
        ...one,
        acceptedAt: one.acceptedAt.toISOString(),
        error: errorOf(errorCode),
      })),
    };
  }

  @Patch(':id')
  @RequirePermission('conversation:write')
  @ApiOkResponse({ standardSchema: conversation })
  async rename(
    @CurrentActor() actor: CityActor,
    @Param({ schema: jobId }) { id }: z.infer<typeof jobId>,
    @Body({ schema: renameBody }) { title }: z.infer<typeof renameBody>,
  ): Promise<z.infer<typeof conversation>> {
    return present(await this.conversations.rename(requesterOf(actor), id, title), actor);
  }

  /** Erases the conversation's words for good. */
  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('conversation:write')
  @ApiNoContentResponse()
  async delete(
    @CurrentActor() actor: CityActor,
    @Param({ schema: jobId }) { id }: z.infer<typeof jobId>,
  ): Promise<void> {
    await this.conversations.delete(requesterOf(actor), id);
  }
}

const present = (
  { id, title, createdAt, updatedAt, lastAskedAt, handedOverFrom }: Conversation,
  { policy: { retentionDays } }: CityActor,
): z.infer<typeof conversation> => ({
  id,
  title,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
  keptUntil: retentionDays === null ? null : jstDayAfter(lastAskedAt, retentionDays),
  handedOverFrom,
});

const cursorAt = ({ updatedAt, id }: Conversation): string =>
  Buffer.from(JSON.stringify([updatedAt.toISOString(), id])).toString('base64url');

function readCursor(cursor: string): { updatedAt: Date; id: string } {
  try {
    const [updatedAt, id] = cursorShape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    return { updatedAt: new Date(updatedAt), id };
  } catch (cause) {
    const faults = [{ pointer: '/cursor', message: '続きの位置を読み取れません。最初から読み込み直してください。' }];
    throw new DomainError('REQUEST.INVALID', { faults, cause });
  }
}
