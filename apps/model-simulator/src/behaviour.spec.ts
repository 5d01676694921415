import { describe, expect, it } from 'vitest';
import { BehaviourControl, behaviourSchema } from './behaviour.ts';

const throttled = (control: BehaviourControl, calls: number) =>
  Array.from({ length: calls }, () => control.throttles(control.traitsOf('region', 'any')));

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
    expect(control.traitsOf('region', 'slow').firstTokenDelayMs).toBe(900);
    expect(control.traitsOf('region', '__proto__').firstTokenDelayMs).toBe(150);
  });

  it('lets one model differ from itself in another region', () => {
    const models = { m: { tokenDelayMs: 1, omitUsage: true }, 'osaka/m': { tokenDelayMs: 2 } };
    const control = new BehaviourControl({ models });
    expect(control.traitsOf('tokyo', 'm')).toMatchObject({ tokenDelayMs: 1, omitUsage: true });
    expect(control.traitsOf('osaka', 'm')).toMatchObject({ tokenDelayMs: 2, omitUsage: true });
  });

  it('decides by the seed which calls meet a fault, at a frame they have', () => {
    const decided = () => {
      const control = new BehaviourControl({ cutRate: 0.3, stallRate: 0.2, omitUsageRate: 0.5, seed: 9 });
      const traits = control.traitsOf('region', 'any');
      return Array.from({ length: 400 }, () => control.decide(traits, 10));
    };
    const calls = decided();
    expect(decided()).toEqual(calls);
    const cuts = calls.flatMap(({ cutAtFrame, cutMidFrame }) => cutAtFrame ?? cutMidFrame ?? []);
    expect(cuts.length / calls.length).toBeCloseTo(0.3, 1);
    expect(new Set(cuts)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    expect(calls.some(({ cutAtFrame }) => cutAtFrame !== null)).toBe(true);
    expect(calls.some(({ cutMidFrame }) => cutMidFrame !== null)).toBe(true);
    expect(calls.filter(({ omitUsage }) => omitUsage).length / calls.length).toBeCloseTo(0.5, 1);
  });

  it('refuses a trait it does not know', () => {
    expect(behaviourSchema.safeParse({ cutAtFrames: 1 }).success).toBe(false);
    expect(behaviourSchema.safeParse({ models: { slow: { cutAtFrames: 1 } } }).success).toBe(false);
  });
});
