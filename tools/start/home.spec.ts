import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Home } from './home.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'moyai-home-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('the home of an installation', () => {
  it('makes its secrets once, readable by their owner alone', () => {
    const secrets = new Home(directory).secrets();
    expect(new Home(directory).secrets()).toEqual(secrets);
    expect(statSync(join(directory, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'keys')).mode & 0o777).toBe(0o700);
  });

  it('makes no new secrets over data that the old ones sealed', () => {
    new Home(directory).secrets();
    mkdirSync(join(directory, 'postgres'));
    rmSync(join(directory, 'keys'), { recursive: true });
    expect(() => new Home(directory).secrets()).toThrow(/開く鍵/);
  });

  it('takes the record of a process that is gone for an unclean end, not for a running one', () => {
    const home = new Home(directory);
    home.writeRunRecord({ pid: 2 ** 22 + 1, origins: {}, ports: {}, processes: {} });
    expect(home.open()).toEqual({ leftUnclean: true });
    home.removeRunRecord();
    expect(home.open()).toEqual({ leftUnclean: false });
  });
});
