import { DomainError } from '#libs/kernel';
import type { ChatRequest } from '../job.ts';

/** Models answer a user: without words of one there is nothing to send them. @throws DomainError REQUEST.INVALID */
export function demandQuestion({ messages }: ChatRequest): void {
  if (messages.some(({ role, content }) => role === 'user' && content.trim() !== '')) return;
  const message = '利用者の発言（role が user のもの）に本文がありません。';
  throw new DomainError('REQUEST.INVALID', { faults: [{ pointer: '/messages', message }] });
}
