import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const deployed = (file: string): string => read(`../../../deploy/${file}`);
const namesIn = (text: string): string[] => [...new Set(text.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g))];

const compose = deployed('compose.yaml');
const isTakenFromEnvironment = (name: string): boolean => compose.includes(`\${${name}`);

it('can be set in .env, whatever the operator is told to set', () => {
  const sources = readdirSync(new URL('.', import.meta.url)).filter((file) => !file.endsWith('.spec.ts'));
  const known = new Set(namesIn(sources.map((file) => read(file)).join('\n')));
  // Of the same file: volumes, and the port that Prometheus asks
  const fixed = ['KEY_DIRECTORY', 'AUDIT_ANCHOR_FILE', 'METRICS_PORT'];
  const told = namesIn(deployed('README.md') + deployed('exit.md')).filter((name) => known.has(name));
  expect(told.length).toBeGreaterThan(20);
  expect(
    told.filter((name) => !/^DATABASE_\w+_URL$/.test(name) && !fixed.includes(name) && !isTakenFromEnvironment(name)),
  ).toEqual([]);
});

it('is heeded, whatever .env.example offers', () => {
  const offered = [...deployed('.env.example').matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name!);
  expect(offered.length).toBeGreaterThan(10);
  expect(offered.filter((name) => !isTakenFromEnvironment(name))).toEqual([]);
});
