import { sha256 } from '../sha256.ts';
import {
  stateOf, withRetired, withRollback, withRollout, withValidated, withVersion,
} from './strategy-record.ts';
import type { Rollout, StrategyRecord, VersionRecord } from './strategy-record.ts';

describe('a strategy', () => {
  it('begins with a draft', () => {
    const { record, outcome } = withVersion(undefined, version('1'));

    expect(outcome).toBe('added');
    expect([record.name, record.active, stateOf(record, '1')]).toEqual(['tea', undefined, 'draft']);
  });

  it('accepts the same bytes again as no change', () => {
    const record = drafts('1', '2');

    expect(withVersion(record, version('1'))).toEqual({ record, outcome: 'unchanged' });
  });

  it('refuses other bytes under a version it has', () => {
    expect(() => withVersion(drafts('1'), version('1', 'other bytes'))).toThrow(expect.objectContaining({
      kind: 'conflict', code: 'strategy.version-taken', details: { name: 'tea', version: '1', sha256: version('1').sha256 },
    }));
  });

  it('stays a line strategy if it was one', () => {
    const basket = { ...version('2'), meta: { ...version('2').meta, kind: 'basket' as const } };

    expect(() => withVersion(drafts('1'), basket)).toThrow(expect.objectContaining({ code: 'pricing.rules' }));
  });

  it.each<[Rollout]>([
    [{ state: 'active', version: '1' }],
    [{ state: 'shadow', version: '1' }],
    [{ state: 'canary', version: '1', percent: 10 }],
  ])('does not roll out a draft to %j', (rollout) => {
    expect(() => withRollout(drafts('1'), rollout)).toThrow(expect.objectContaining({
      kind: 'rejected', code: 'strategy.not-ready', details: { name: 'tea', version: '1', state: 'draft' },
    }));
  });

  it('goes through its life with a version in one place at a time', () => {
    let record = withRollout(validated('1', '2'), { state: 'active', version: '1' });
    const states = (['shadow', 'canary', 'active'] as const).map((state) => {
      const rollout = state === 'canary' ? { state, version: '2', percent: 5 } : { state, version: '2' };
      record = withRollout(record, rollout);
      return [stateOf(record, '1'), stateOf(record, '2')];
    });

    expect(states).toEqual([['active', 'shadow'], ['active', 'canary'], ['validated', 'active']]);
    expect(record).toMatchObject({ active: '2', before: ['1'] });
    expect(record).not.toHaveProperty('canary');
  });

  it('moves one pointer per rollback, as long as there is an earlier version', () => {
    const record = rolledOut('1', '2', '3');

    const once = withRollback(record);
    const twice = withRollback(once);

    expect([once.active, twice.active]).toEqual(['2', '1']);
    expect(() => withRollback(twice)).toThrow(expect.objectContaining({ kind: 'rejected', code: 'strategy.nothing-before' }));
  });

  it('falls back past retired versions when its active version retires', () => {
    const record = withRetired(rolledOut('1', '2', '3'), '2', 'threw an error');

    const fallen = withRetired(record, '3', 'did not end');

    expect(fallen.active).toBe('1');
    expect(['1', '2', '3'].map((each) => stateOf(fallen, each))).toEqual(['active', 'retired', 'retired']);
    expect(() => withRollout(fallen, { state: 'active', version: '3' })).toThrow(expect.objectContaining({ code: 'strategy.not-ready' }));
  });

  it('is off when its only version retires, or after off', () => {
    expect(withRetired(rolledOut('1'), '1', 'x')).not.toHaveProperty('active');
    expect(withRollout(rolledOut('1', '2'), { state: 'off' })).not.toHaveProperty('active');
  });

  it('keeps no earlier version after off, neither for a rollback nor for a failing version', () => {
    const off = withRollout(rolledOut('1', '2'), { state: 'off' });
    const successor = withRollout(withValidated(withVersion(off, version('3')).record, '3'), { state: 'active', version: '3' });

    expect(() => withRollback(off)).toThrow(expect.objectContaining({ code: 'strategy.nothing-before' }));
    expect(() => withRollback(successor)).toThrow(expect.objectContaining({ code: 'strategy.nothing-before' }));
    expect(withRetired(successor, '3', 'threw an error')).toMatchObject({ before: [] });
    expect(withRetired(successor, '3', 'threw an error')).not.toHaveProperty('active');
  });

  it('can be switched off but not rolled out with an unreadable version', () => {
    const unreadable = [{ version: '2', reason: 'meta.contract: expected 1' }];
    const { versions, ...rest } = rolledOut('1', '2', '3');
    const record = { ...rest, active: '2', unreadable, versions: versions.filter(({ version: each }) => each !== '2') };

    expect(stateOf(record, '2')).toBe('unreadable');
    expect(withRollout(record, { state: 'off' })).not.toHaveProperty('active');
    expect(() => withRollout(record, { state: 'active', version: '2' })).toThrow(expect.objectContaining({
      kind: 'rejected', code: 'strategy.unreadable', details: { name: 'tea', version: '2', reason: 'meta.contract: expected 1' },
    }));
    expect(() => withVersion(record, version('2'))).toThrow(expect.objectContaining({ code: 'strategy.unreadable' }));
    expect(withRollback({ ...record, active: '3', before: ['1', '2'] }).active).toBe('1');
  });

  it('goes back to the previous active version, and never to itself', () => {
    const on = withRollout(rolledOut('1', '2'), { state: 'active', version: '2' });
    expect(withRollback(on).active).toBe('1');

    const shadowed = withRollout(on, { state: 'shadow', version: '2' });
    expect(withRollback(shadowed)).toMatchObject({ active: '2', before: ['1'] });
  });

  it.each([0, -1, 101, NaN])('refuses a canary of %d percent', (percent) => {
    expect(() => withRollout(validated('1'), { state: 'canary', version: '1', percent })).toThrow(expect.objectContaining({ code: 'pricing.rules' }));
  });

  it('knows no version that it was not given', () => {
    expect(() => stateOf(drafts('1'), '9')).toThrow(expect.objectContaining({ kind: 'missing', code: 'strategy.missing' }));
  });
});

function version(name: string, source = `bytes of ${name}`): VersionRecord {
  return {
    version: name, sha256: sha256(source), createdAtMs: 0, createdBy: 'ann', validated: false,
    meta: { contract: 1, name: 'tea', version: name, kind: 'line', title: 'Tea', scope: {}, priority: 0, stack: 'stack', tests: [] },
  };
}

function drafts(...names: string[]): StrategyRecord {
  return names.reduce<StrategyRecord | undefined>((record, name) => withVersion(record, version(name)).record, undefined) as StrategyRecord;
}

function validated(...names: string[]): StrategyRecord {
  return names.reduce((record, name) => withValidated(record, name), drafts(...names));
}

function rolledOut(...names: string[]): StrategyRecord {
  return names.reduce((record, name) => withRollout(record, { state: 'active', version: name }), validated(...names));
}
