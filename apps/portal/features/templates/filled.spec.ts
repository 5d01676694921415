import { expect, it } from 'vitest';
import { filled, placesOf } from './filled.ts';

const PARTS = [{ place: '件名' }, { text: 'について、' }, { place: '宛先' }, { text: 'へ。' }, { place: '件名' }];

it('each place is asked for once and filled wherever it stands', () => {
  expect(placesOf(PARTS)).toEqual(['件名', '宛先']);
  expect(filled(PARTS, { 件名: '断水', 宛先: '{件名}' })).toBe('断水について、{件名}へ。断水');
});
