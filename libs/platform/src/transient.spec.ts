import { failures } from '@aisle/std';
import { isTransient } from './transient.ts';

const TestFailure = failures('test', { away: ['unavailable', 'x'], wrong: ['invalid', 'x'] });

const coded = (code: string): Error => Object.assign(new Error('x'), { code });

describe('an error at the start of a process', () => {
  it.each([
    ['a failure of kind unavailable', TestFailure.away()],
    ['a refused connection', coded('ECONNREFUSED')],
    ['refused connections to each address', new AggregateError([coded('ECONNREFUSED')])],
    ['a database that is starting', coded('57P03')],
    ['a database without a free connection', coded('53300')],
    ['a database whose disk is full', coded('53100')],
    ['a connection that was too slow', new Error('Connection terminated due to connection timeout')],
    ['an error with such a cause', new Error('did not join', { cause: coded('ECONNRESET') })],
  ])('is transient when it is %s', (_what, error) => {
    expect(isTransient(error)).toBe(true);
  });

  it.each([
    ['a bug', new TypeError('x is not a function')],
    ['a failure of kind invalid', TestFailure.wrong()],
    ['a missing table', coded('42P01')],
    ['a wrong password', coded('28P01')],
    ['a taken port', coded('EADDRINUSE')],
    ['undefined', undefined],
  ])('is not transient when it is %s', (_what, error) => {
    expect(isTransient(error)).toBe(false);
  });
});
