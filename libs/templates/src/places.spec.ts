import { expect, it } from 'vitest';
import { placesOf, readPlaces } from './places.ts';

it('a text is read into what stands and what is filled in, and each place is named once', () => {
  const { parts, faults } = readPlaces('{{{氏名}}}様（{ 住所 }）{氏名}');
  expect(faults).toEqual([]);
  expect(parts).toEqual([
    { text: '{' },
    { place: '氏名' },
    { text: '}様（' },
    { place: '住所' },
    { text: '）' },
    { place: '氏名' },
  ]);
  expect(placesOf(parts)).toEqual(['氏名', '住所']);
});

it('a text without places stands as it is', () => {
  expect(readPlaces('次の文章を要約してください。').parts).toEqual([{ text: '次の文章を要約してください。' }]);
  expect(readPlaces('').parts).toEqual([]);
});

it('each brace without its other half is named by where it stands', () => {
  expect(readPlaces('件名}と{本文').faults).toEqual([
    expect.stringContaining('3文字目の「}」'),
    expect.stringContaining('5文字目の「{」'),
  ]);
});
