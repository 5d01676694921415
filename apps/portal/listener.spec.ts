import { expect, test } from 'vitest';
import { planeOf } from './listener.ts';

const plane = (value: string | undefined) =>
  planeOf(new Headers(value === undefined ? {} : { 'x-moyai-ingress': value }));

test('each listener has its plane', () => {
  expect(['lgwan.1.00', 'my_number.1.00', 'internet.1.00', 'vendor.1.00'].map(plane)).toEqual([
    'city',
    'city',
    'city',
    'vendor',
  ]);
});

test.each([undefined, '', 'constructor.1.00', 'LGWAN.1.00', 'vendor2.1.00'])('%j is no listener', (value) => {
  expect(plane(value)).toBeUndefined();
});
