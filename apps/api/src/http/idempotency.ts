import { ApiHeader } from '@nestjs/swagger';
import { z } from 'zod';

/** What a caller may send so that a request that got lost can be sent again: it then happens once. */
export const idempotencyKey = z.string().min(1).max(255).optional();

export const AcceptsIdempotencyKey = (description: string) =>
  ApiHeader({ name: 'Idempotency-Key', required: false, description });
