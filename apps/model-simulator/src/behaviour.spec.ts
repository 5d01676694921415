import { describe, expect, it } from 'vitest';
import { BehaviourControl, behaviourSchema } from './behaviour.ts';

const throttled = (control: BehaviourControl, calls: number) =>
  Array.from({ length: calls }, () => control.throttles(control.traitsOf('any')));

describe('behaviour', () => {
  it('throttles every n-th call exactly', () => {
    const control = new BehaviourControl({ throttleEveryNth: 3 });
    expect(throttled(control, 6)).toEqual([false, false, true, false, false, true]);
  });

  it('replays the same chance for the same seed, and another for another', () => {
    const control = new BehaviourControl();
    const runs = [7, 7, 8].map((seed) => {
      control.replace({ throttleRate: 0.5, seed });
      return throttled(control, 64);
    });
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]).not.toEqual(runs[2]);
  });

  it('goes back to what it started with when it is set to nothing', () => {
    const control = new BehaviourControl({ tokenDelayMs: 0 });
    control.replace({ cutAtFrame: 3 });
    expect(control.current).toMatchObject({ tokenDelayMs: 0, cutAtFrame: 3 });
    control.replace({});
    expect(control.current).toMatchObject({ tokenDelayMs: 0, cutAtFrame: null });
  });

  it('lets single models differ', () => {
    const control = new BehaviourControl({ models: { slow: { firstTokenDelayMs: 900 } } });
    expect(control.traitsOf('slow').firstTokenDelayMs).toBe(900);
    expect(control.traitsOf('__proto__').firstTokenDelayMs).toBe(150);
  });

  it('refuses a trait it does not know', () => {
    expect(behaviourSchema.safeParse({ cutAtFrames: 1 }).success).toBe(false);
    expect(behaviourSchema.safeParse({ models: { slow: { cutAtFrames: 1 } } }).success).toBe(false);
  });
});
