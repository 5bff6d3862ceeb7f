import { priceLine } from '../engine/line.ts';
import { referenceSetups } from '../reference-rules.ts';
import { at, by, item } from '../testing/shop.ts';
import { ActiveRules } from './active-rules.ts';
import { builtInRecord } from './strategy-rollout.ts';
import type { BuiltInRecord, ScriptRecord, StoredVersion, StrategyRecord } from './strategy-record.ts';

const [teaSetup] = referenceSetups();

describe('ActiveRules', () => {
  it('prices by configured built-ins, and asks for no script', () => {
    const tea = tea1();

    const inForce = of([record(tea, { active: tea.version })]);

    expect(net(inForce, undefined)).toBe(311);
    expect(inForce.ruleSetFor(undefined)).toMatchObject({ asks: false, strategies: [{ sha256: tea.sha256 }] });
    expect(inForce.unreadable).toEqual([]);
  });

  it('puts the same keys on the side of a canary every time, and never a basket without key', () => {
    const [one, two] = [script('1', -5), script('2', -7)];
    const inForce = of([record([one, two], { active: '1', canary: { version: '2', percent: 30 } })]);
    const keys = Array.from({ length: 1_000 }, (_, key) => `customer-${key}`);

    const tried = keys.filter((key) => net(inForce, key) === 615);

    expect(tried.length).toBeGreaterThan(230);
    expect(tried.length).toBeLessThan(370);
    expect(keys.filter((key) => net(inForce, key) === 615)).toEqual(tried);
    expect(net(inForce, undefined)).toBe(617);
  });

  it.each<[what: string, broken: StrategyRecord<StoredVersion>, version: string, reason: RegExp]>([
    ['a version that is not there', record([], { active: '1' }), '1', /no such strategy/],
    ['a contract that is not ours', record([script('1', -5, { contract: 2 as 1 })], { active: '1' }), '1', /contract: expected 1/],
    ['a built-in that is not there', record([{ ...tea1(), use: 'sell-it-all@1' }], { active: '1.1.0' }), '1.1.0', /no such built-in/],
    ['a script that cannot be made', record([script('thrown', -5)], { shadow: 'thrown' }), 'thrown', /cannot be made/],
  ])('leaves out %s, and no other strategy', (_what, broken, version, reason) => {
    const good = script('1', -5);

    const inForce = of([{ ...broken, name: 'bad' }, record([good], { active: '1' })]);

    expect(net(inForce, 'b')).toBe(617);
    expect(inForce.unreadable).toEqual([{ strategy: 'bad', version, reason: expect.stringMatching(reason) }]);
    expect(inForce.hasShadows).toBe(false);
  });

  it('lists the rows that the store could not read', () => {
    const unreadable = [{ version: '1', reason: 'meta: not JSON' }, { version: null, reason: 'pointers: not JSON' }];

    const inForce = of([{ ...record([], { active: '1' }), unreadable }]);

    expect(inForce.unreadable).toEqual(unreadable.map((each) => ({ strategy: 'tea', ...each })));
    expect(net(inForce, 'b')).toBe(622);
  });

  it('falls back to the latest earlier version that is readable and not retired', () => {
    const versions = [script('1', -5), { ...script('2', -6), retired: 'threw an error' }, script('4', -8)];

    const inForce = of([{
      ...record(versions, { active: '4', before: ['1', '2', '3'] }), unreadable: [{ version: '3', reason: 'meta: not JSON' }],
    }]);

    expect(inForce.ruleSetFor('b').strategies).toMatchObject([{ meta: { version: '4' }, previous: { meta: { version: '1' } } }]);
  });
});

function of(strategies: StrategyRecord<StoredVersion>[]): ActiveRules {
  return new ActiveRules({ revision: 1, strategies }, ({ meta, version, code }, previous) => {
    if (version === 'thrown') throw new Error('cannot be made');
    return { ...by(Number(code), meta), ...(previous ? { previous } : {}) };
  });
}

function net(inForce: ActiveRules, key: string | undefined): number {
  return priceLine(inForce.ruleSetFor(key), item(2, 311), at).netMinor;
}

function tea1(): BuiltInRecord {
  return { ...builtInRecord(teaSetup!, 0, 'ann'), validated: true };
}

function script(version: string, amountMinor: number, meta: Partial<ScriptRecord['meta']> = {}): ScriptRecord {
  return {
    version, sha256: '0'.repeat(64), source: '', code: String(amountMinor), createdAtMs: 0, createdBy: 'ann', validated: true,
    meta: {
      contract: 1, name: 'tea', version, kind: 'line', title: 'Tea', scope: {}, priority: 0, stack: 'stack', tests: [], ...meta,
    },
  };
}

function record(
  versions: StoredVersion | readonly StoredVersion[], places: Partial<StrategyRecord>,
): StrategyRecord<StoredVersion> {
  return { name: 'tea', kind: 'line', revision: 1, before: [], ...places, versions: [versions].flat() as StoredVersion[] };
}
