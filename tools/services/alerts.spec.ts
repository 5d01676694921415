import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '../lib/root.mjs';
import { findPromtool } from '../lib/system.mjs';

const FOLDER = fromRoot('deploy', 'prometheus');
const promtool = findPromtool();
const read = (file: string): string => readFileSync(fromRoot('deploy', 'prometheus', file), 'utf8');
const said = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(promtool!, args, { cwd: FOLDER, encoding: 'utf8' });
  return { status, words: stdout + stderr };
};

const alerts = [...read('alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name!);
/** Of every time at which an alarm is looked at: whether it is to be heard. */
const looks = [...read('alerts.test.yml').matchAll(/alertname: (\w+)[^]*?exp_alerts:\s*(\[\])?/g)].map(
  ([, name, silent]) => ({ name: name!, isHeard: silent === undefined }),
);

describe('what Prometheus alarms about', () => {
  it.each(alerts)('%s is shown to be heard, and shown to keep silent', (alert) => {
    const heard = looks.filter(({ name }) => name === alert).map(({ isHeard }) => isHeard);
    expect(new Set(heard)).toEqual(new Set([true, false]));
  });

  it('is tested under no other name', () => {
    expect(alerts.length).toBeGreaterThan(10);
    expect(looks.map(({ name }) => name).filter((name) => !alerts.includes(name))).toEqual([]);
  });

  it('is read by Prometheus, with the configuration that asks for it', ({ skip }) => {
    skip(!promtool, 'there is no promtool: apt-get install prometheus');
    expect(said('check', 'config', 'prometheus.yml')).toEqual({ status: 0, words: expect.any(String) });
  });

  it('is heard when it should, and silent on what is sound', { timeout: 60_000 }, ({ skip }) => {
    skip(!promtool, 'there is no promtool: apt-get install prometheus');
    expect(said('test', 'rules', 'alerts.test.yml')).toEqual({ status: 0, words: expect.any(String) });
  });
});
