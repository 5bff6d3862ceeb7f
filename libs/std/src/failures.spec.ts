import { RemoteFailure, isFailure } from './failure.ts';
import { declaredFailures, failures } from './failures.ts';

const BasketFailure = failures('basket', {
  full: ['rejected', 'the basket has no room for another product', (linesMax: number) => ({ linesMax })],
  lineMissing: ['missing', (sku: string) => `the basket has no line of ${sku}`],
  merged: ['conflict', 'the basket was merged', (into: string, version = 0) => ({ into, version })],
  mergedAway: ['missing', 'the basket was merged'],
}, { codes: { mergedAway: 'basket.merged' } });

const StrategyFailure = failures('strategy', { notReady: ['rejected', 'this version must be validated first'] }, { separator: '-' });

describe('failures', () => {
  it.each([
    ['a code from the name of the row', BasketFailure.full(7), {
      kind: 'rejected', code: 'basket.full', message: 'the basket has no room for another product', details: { linesMax: 7 },
    }],
    ['words separated in the code, and a sentence from the arguments', BasketFailure.lineMissing('tea'), {
      kind: 'missing', code: 'basket.line_missing', message: 'the basket has no line of tea', details: {},
    }],
    ['several arguments, some with a default', BasketFailure.merged('b2'), { kind: 'conflict', details: { into: 'b2', version: 0 } }],
    ['a code of its own, another kind under the same one', BasketFailure.mergedAway(), { kind: 'missing', code: 'basket.merged' }],
    ['another separator', StrategyFailure.notReady(), { code: 'strategy.not-ready' }],
  ])('has %s', (_, failure, facts) => {
    expect(failure).toMatchObject(facts);
    expect(isFailure(failure)).toBe(true);
  });

  it('is told apart by its code, made here or in another process', () => {
    const { kind, code, message, details } = BasketFailure.full(7);

    expect(BasketFailure.full.code).toBe('basket.full');
    expect(BasketFailure.full.is(BasketFailure.full(7))).toBe(true);
    expect(BasketFailure.full.is(new RemoteFailure({ kind, code, message, details }))).toBe(true);
    expect(BasketFailure.merged.is(BasketFailure.mergedAway())).toBe(true);
    expect(BasketFailure.full.is(BasketFailure.lineMissing('tea'))).toBe(false);
    expect(BasketFailure.full.is(new Error('basket.full'))).toBe(false);
    expect(BasketFailure.full.is(undefined)).toBe(false);
  });

  it('has a trace that begins where it was made, under the name of its code', () => {
    const failure = BasketFailure.lineMissing('tea');

    const [title, first] = failure.stack?.split('\n') ?? [];

    expect(title).toBe('BasketLineMissing: the basket has no line of tea');
    expect(first).toContain('failures.spec.ts');
  });

  it('shows a failure of another process under a name of its own, with the error behind it', () => {
    const cause = new Error('away');

    const failure = new RemoteFailure(BasketFailure.full(7)).causedBy(cause);

    expect(failure).toMatchObject({ name: 'RemoteFailure', code: 'basket.full', details: { linesMax: 7 }, cause });
  });

  it('lists every row that is declared', () => {
    const codes = declaredFailures().map(({ code }) => code);

    expect(codes).toEqual(['basket.full', 'basket.line_missing', 'basket.merged', 'basket.merged', 'strategy.not-ready']);
  });

  it('refuses wrong arguments at compile time', () => {
    // @ts-expect-error the row takes a number
    BasketFailure.full('7');
    // @ts-expect-error the row takes an argument
    BasketFailure.lineMissing();
    // @ts-expect-error the row takes none
    BasketFailure.mergedAway('b2');
    // @ts-expect-error there is no such row
    failures('basket', { full: ['rejected', 'full'] }, { codes: { empty: 'basket.empty' } });

    expect(() => BasketFailure.full(7)).not.toThrow();
  });
});
