import { describe, expect, it } from 'vitest';
import { byteSize } from './byte-size.ts';

describe('a size of a file', () => {
  it('is told in the largest unit of which there is at least one', () => {
    expect(byteSize(0)).toEqual({ value: 0, unit: 'byte' });
    expect(byteSize(999)).toEqual({ value: 999, unit: 'byte' });
    expect(byteSize(1_000)).toEqual({ value: 1, unit: 'kilobyte' });
    expect(byteSize(121_241)).toEqual({ value: 121.241, unit: 'kilobyte' });
    expect(byteSize(10_700_000_000)).toEqual({ value: 10.7, unit: 'gigabyte' });
    expect(byteSize(2e15)).toEqual({ value: 2_000, unit: 'terabyte' });
  });
});
