import { expect, test } from 'vitest';
import { isMunicipalityCode } from './municipality-code.ts';

test.each(['292010', '401005', '131016'])('%s is a municipality code', (code) => {
  expect(isMunicipalityCode(code)).toBe(true);
});

test.each(['292011', '29201', '2920100', '２９２０１０', ''])('%j is none', (code) => {
  expect(isMunicipalityCode(code)).toBe(false);
});
