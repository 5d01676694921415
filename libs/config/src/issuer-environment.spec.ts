import { describe, expect, it } from 'vitest';
import { issuerEnvironment } from './issuer-environment.ts';

const WHOLE = {
  ISSUER_NAME: '株式会社もやい',
  ISSUER_REGISTRATION_NUMBER: 'T7000012050002',
  ISSUER_POSTAL_CODE: '100-0001',
  ISSUER_ADDRESS: '東京都千代田区千代田1-1',
};
const faultsOf = (environment: Record<string, string>) =>
  issuerEnvironment.safeParse(environment).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('the issuer of invoices', () => {
  it('is nobody where nothing is set', () => {
    expect(issuerEnvironment.parse({})).toBeNull();
  });

  it('is named with its registration number', () => {
    expect(issuerEnvironment.parse(WHOLE)).toMatchObject({ registrationNumber: 'T7000012050002', contact: null });
  });

  it.each(['T7000012050003', '7000012050002', 'T700001205000', 'T９０００００００００００'])(
    'is refused with the registration number %s',
    (number) => {
      expect(faultsOf({ ...WHOLE, ISSUER_REGISTRATION_NUMBER: number })).toEqual(['ISSUER_REGISTRATION_NUMBER']);
    },
  );

  it('is not half set: every missing part is named', () => {
    expect(faultsOf({ ISSUER_NAME: 'x' })).toEqual([
      'ISSUER_REGISTRATION_NUMBER',
      'ISSUER_POSTAL_CODE',
      'ISSUER_ADDRESS',
    ]);
  });
});
