import type { Message } from '@aws-sdk/client-bedrock-runtime';
import type { ModelMessage } from '../../model-provider.ts';

/** What opens a conversation whose kept history begins with an answer. */
const OPENING = '（これまでの会話の続きです。）';

/**
 * Arranges messages the way Converse accepts them: user first, roles in turn, no blank text. Neighbours of one role become
 * blocks of one message, so that not a character is added between them.
 */
export function toConverseTurns(messages: readonly ModelMessage[]): Message[] {
  const turns: (Message & { content: { text: string }[] })[] = [];
  for (const { role, content } of messages) {
    if (content.trim() === '') continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push({ text: content });
    else turns.push({ role, content: [{ text: content }] });
  }
  if (turns[0]?.role === 'assistant') turns.unshift({ role: 'user', content: [{ text: OPENING }] });
  return turns;
}
