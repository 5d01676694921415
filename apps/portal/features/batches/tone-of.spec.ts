import { describe, expect, it } from 'vitest';
import { toneOf } from './tone-of.ts';

const none = { completed: 0, failed: 0, cancelled: 0, running: 0, queued: 0 };

describe('the tone of a batch', () => {
  it('is green when every row was answered, and not when some failed or were cancelled', () => {
    expect(toneOf({ state: 'finished', rowCount: 3, counts: { ...none, completed: 3 } })).toBe('green');
    expect(toneOf({ state: 'finished', rowCount: 3, counts: { ...none, completed: 2, failed: 1 } })).toBe('neutral');
    expect(toneOf({ state: 'finished', rowCount: 3, counts: { ...none, cancelled: 3 } })).toBe('neutral');
    expect(toneOf({ state: 'running', rowCount: 3, counts: { ...none, running: 3 } })).toBe('blue');
  });
});
