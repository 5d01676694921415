import { HttpException, NotFoundException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { DomainError } from '#libs/kernel';
import { asDomainError, problemOf } from './problem.ts';

const coded = (code: string, more: object = {}) => Object.assign(new Error('failed'), { code, ...more });

describe('what was thrown', () => {
  it.each([
    ['a refused connection', coded('ECONNREFUSED')],
    ['a refused connection to every address', new AggregateError([coded('ECONNREFUSED')], 'all')],
    ['a missing socket', coded('ENOENT', { syscall: 'connect' })],
    ['a server that is shutting down', Object.assign(new Error('query failed'), { driverError: coded('57P01') })],
    ['a connection cut under a query', new Error('Connection terminated unexpectedly')],
    ['a pool that has no connection to give', new Error('timeout exceeded when trying to connect')],
    ['one of these behind another error', new Error('outer', { cause: coded('08006') })],
  ])('%s is unavailable: trying again makes sense', (_, error) => {
    expect(asDomainError(error).code).toBe('SYSTEM.UNAVAILABLE');
  });

  it.each([
    ['a broken constraint', coded('23505')],
    ['a missing file', coded('ENOENT', { syscall: 'open' })],
    ['a defect', new TypeError('x is undefined')],
    ['no error at all', 'text'],
    ['a failure of the framework', new HttpException('teapot', 500)],
  ])('%s is unexpected', (_, error) => {
    expect(asDomainError(error).code).toBe('SYSTEM.UNEXPECTED');
  });

  it('is told without what it says of the inside', () => {
    const error = new DomainError('SYSTEM.UNEXPECTED', { cause: new Error('relation "members" does not exist') });
    expect(JSON.stringify(problemOf(error, 'r1'))).not.toContain('members');
    expect(problemOf(error, 'r1')).toMatchObject({ status: 500, requestId: 'r1' });
  });

  it('varies in nothing when it is missing', () => {
    const [a, b] = [new NotFoundException('Cannot GET /a'), new DomainError('REQUEST.NOT_FOUND')].map(asDomainError);
    expect(problemOf(a!, 'r1')).toEqual(problemOf(b!, 'r2'));
  });
});
