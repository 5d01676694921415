import { expect, it } from 'vitest';
import { ConfigurationError } from '#libs/config';
import { startFault } from './start-fault.ts';

const thrown = (fields: object, message = 'x') => Object.assign(new Error(message), fields);

it.each([
  [
    new ConfigurationError(['API_PORT: too big', 'KEY_FILE: missing']),
    'CONFIGURATION_INVALID',
    'API_PORT: too big、KEY',
  ],
  [thrown({ faults: ['h:1: maxmemory-policy is x'] }), 'REDIS_UNUSABLE', 'h:1: maxmemory-policy is x'],
  [thrown({ code: 'EADDRINUSE', address: '127.0.0.1', port: 80 }), 'ADDRESS_UNUSABLE', '127.0.0.1:80'],
  [thrown({ code: 'EACCES', syscall: 'listen', address: '::1', port: 80 }), 'ADDRESS_UNUSABLE', '::1:80'],
  [thrown({ code: 'ECONNREFUSED', address: '127.0.0.1', port: 5432 }), 'UNREACHABLE', '127.0.0.1:5432'],
  [thrown({ code: 'ENOTFOUND', hostname: 'db' }), 'UNREACHABLE', 'db に'],
  [thrown({ code: 'ECONNREFUSED', errors: [{ address: '::1', port: 5432 }] }), 'UNREACHABLE', '::1:5432'],
  [thrown({}, 'timeout exceeded when trying to connect'), 'UNREACHABLE', '応答なし'],
  [thrown({}, 'Connection terminated unexpectedly'), 'UNREACHABLE', '応答なし'],
  [thrown({ code: '28P01' }), 'DATABASE_REFUSED', '28P01'],
  [thrown({ code: '57P03' }), 'DATABASE_NOT_READY', '57P03'],
  [thrown({ code: '42P01' }), 'DATABASE_NOT_MIGRATED', '42P01'],
  [thrown({ code: 'ENOENT', path: '/etc/key' }), 'FILE_UNREADABLE', '/etc/key'],
  [new TypeError('a\nb'), 'UNEXPECTED', 'TypeError、a b、'],
  ['what is no error', 'UNEXPECTED', '予期しない誤り'],
])('tells in one line what kept a process from starting: %s', (error, code, where) => {
  const line = startFault(error);
  expect(line).toMatch(new RegExp(`^起動できませんでした \\[START\\.${code}\\] .*。 .*。$`, 'u'));
  expect(line).toContain(where);
  expect(line).not.toMatch(/\n/);
});
