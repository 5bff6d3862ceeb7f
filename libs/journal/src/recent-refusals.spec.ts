import { Failure, type FailureKind } from '@aisle/std';
import { payloadHash } from './json-bytes.ts';
import { RecentRefusals, isFinal } from './recent-refusals.ts';

describe('RecentRefusals', () => {
  it('gives a copy of a refused command the same refusal', () => {
    const refusals = new RecentRefusals(10);
    const refusal = refused('rejected');
    refusals.add('till', copy('a'), refusal);

    expect(refusals.has('till', 'a')).toBe(true);
    expect(answerTo(refusals, 'till', copy('a'))).toBe(refusal);
  });

  it('tells a command with the same id and another payload from a copy', () => {
    const refusals = new RecentRefusals(10);
    refusals.add('till', copy('a'), refused('rejected'));

    expect(answerTo(refusals, 'till', { ...copy('a'), payloadHash: payloadHash('another') })).toMatchObject({
      code: 'idempotency.mismatch',
    });
  });

  it('keeps the ids of one actor apart from those of another', () => {
    const refusals = new RecentRefusals(10);
    refusals.add('till', copy('a'), refused('rejected'));

    expect(refusals.has('drawer', 'a')).toBe(false);
  });

  it.each<[kind: FailureKind, isRemembered: boolean]>([
    ['rejected', true],
    ['missing', true],
    ['conflict', true],
    ['precondition', true],
    ['throttled', false],
    ['unavailable', false],
    ['unknown', false],
    ['invalid', false],
  ])('of kind %s is final: %s', (kind, isRemembered) => {
    const refusals = new RecentRefusals(10);

    refusals.add('till', copy('a'), refused(kind));

    expect(refusals.has('till', 'a')).toBe(isRemembered);
    expect(isFinal(refused(kind))).toBe(isRemembered);
  });

  it('remembers no bug, which may be fixed by the next attempt', () => {
    const refusals = new RecentRefusals(10);

    refusals.add('till', copy('a'), new TypeError('a bug'));

    expect(refusals.has('till', 'a')).toBe(false);
  });

  it('drops the oldest at its bound', () => {
    const refusals = new RecentRefusals(2);

    for (const id of ['a', 'b', 'c']) refusals.add('till', copy(id), refused('rejected'));

    expect(['a', 'b', 'c'].map((id) => refusals.has('till', id))).toEqual([false, true, true]);
  });

  it('forgets one whose command is to be decided again', () => {
    const refusals = new RecentRefusals(10);
    refusals.add('till', copy('a'), refused('rejected'));

    refusals.remove('till', 'a');
    refusals.remove('till', 'never heard of');

    expect(refusals.has('till', 'a')).toBe(false);
  });
});

function refused(kind: FailureKind): Failure {
  return new Failure({ kind, code: 'test.refused', message: 'refused', details: {} });
}

function copy(id: string): { id: string; payloadHash: Uint8Array } {
  return { id, payloadHash: payloadHash(`the payload of ${id}`) };
}

function answerTo(refusals: RecentRefusals, actor: string, submitted: ReturnType<typeof copy>): unknown {
  try {
    return refusals.answer(actor, submitted);
  } catch (failure) {
    return failure;
  }
}
