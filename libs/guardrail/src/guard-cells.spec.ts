import { DomainError } from '#libs/kernel';
import { expect, it } from 'vitest';
import { CellGuard } from './guard-cells.ts';
import { myNumberCheckDigit } from './my-number.ts';

const MY_NUMBER = `12345678901${myNumberCheckDigit(Array.from('12345678901', Number))}`;
const NO_MY_NUMBER = '123456789010';

function refusalOf(
  cells: readonly (readonly [heading: string, text: string])[],
  segment: 'lgwan' | 'my_number' = 'lgwan',
) {
  const guard = new CellGuard(segment);
  cells.forEach(([heading, text], index) =>
    guard.inspect({ pointer: `/rows/2/columns/${index + 1}`, place: `2行目「${heading}」列`, heading, text }),
  );
  try {
    guard.assertClean();
    return null;
  } catch (error) {
    return error as DomainError;
  }
}

it('a number in any cell is named with its place and shown without a digit', () => {
  const refusal = refusalOf([
    ['氏名', '山田'],
    ['備考', `本人より ${MY_NUMBER} と申出`],
  ]);
  expect(refusal?.code).toBe('GUARD.MY_NUMBER_FOUND');
  expect(refusal?.faults).toEqual([
    { pointer: '/rows/2/columns/2', message: expect.stringContaining('2行目「備考」列に個人番号とみられる') },
  ]);
  expect(JSON.stringify(refusal?.faults)).not.toMatch(/\d{4}/);
});

it('the name of a column says what its digits are', () => {
  expect(refusalOf([['個人番号', NO_MY_NUMBER]])?.faults[0]?.message).toContain('可能性');
  expect(refusalOf([['宛名番号', MY_NUMBER]])).toBeNull();
});

it('numbers of neighbouring cells are not one number', () => {
  expect(
    refusalOf([
      ['金額', '1234'],
      ['枚数', '5678'],
      ['番地', '9018'],
    ]),
  ).toBeNull();
});

it('all findings are counted, the first ones are shown', () => {
  const refusal = refusalOf(Array.from({ length: 1_000 }, () => ['', MY_NUMBER] as const));
  expect(refusal?.detail).toContain('1,000か所');
  expect(refusal?.faults).toHaveLength(200);
});

it('the My Number segment takes them', () => {
  expect(refusalOf([['個人番号', MY_NUMBER]], 'my_number')).toBeNull();
});
