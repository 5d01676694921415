import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelMessage } from '../../model-provider.ts';
import { toConverseTurns } from './converse-turns.ts';

const message = fc.record<ModelMessage>({ role: fc.constantFrom('user', 'assistant'), content: fc.string() });

describe('turns for Converse', () => {
  it('merge neighbours of one role into blocks, adding nothing between them', () => {
    const turns = toConverseTurns([
      { role: 'user', content: 'a' },
      { role: 'user', content: 'b' },
      { role: 'assistant', content: 'c' },
    ]);
    expect(turns).toEqual([
      { role: 'user', content: [{ text: 'a' }, { text: 'b' }] },
      { role: 'assistant', content: [{ text: 'c' }] },
    ]);
  });

  it('always start with a user, alternate and hold no blank text, and lose nothing else', () => {
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        const turns = toConverseTurns(messages);
        turns.forEach(({ role }, index) => expect(role).toBe(index % 2 === 0 ? 'user' : 'assistant'));
        const texts = turns.flatMap(({ content }) => (content ?? []).map(({ text }) => text));
        const kept = messages.map(({ content }) => content).filter((content) => content.trim() !== '');
        expect(texts.slice(texts.length - kept.length)).toEqual(kept);
        expect(texts.length - kept.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
