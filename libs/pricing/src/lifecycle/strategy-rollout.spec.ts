import { systemRuntime } from '@aisle/std';
import { referenceSetups } from '../reference-rules.ts';
import { off, startSandbox } from '../testing/script-shop.ts';
import { SandboxedRollout } from './sandboxed-rollout.ts';
import { MemoryStrategyStore } from './strategy-store.ts';
import type { BuiltInSetup } from './strategy-rollout.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

const ann = { by: 'ann' };
const bulk: BuiltInSetup = {
  use: 'bulk-price@1', name: 'tea', version: '1', params: { from: 3, unitPriceMinor: 250 }, scope: { currencies: ['GBP'] },
};

describe('StrategyRollout', () => {
  let sandbox: Sandbox;
  let store: MemoryStrategyStore;
  let rollout: SandboxedRollout;
  beforeAll(async () => {
    sandbox = await startSandbox({ workers: 1 });
  });
  afterAll(() => sandbox.close());
  beforeEach(() => {
    store = new MemoryStrategyStore();
    rollout = new SandboxedRollout({ store, sandbox, runtime: systemRuntime });
  });

  it('takes a configured built-in through the same life as a script', async () => {
    const { version, outcome } = await rollout.configure(bulk, ann);
    expect([outcome, version.validated]).toEqual(['added', false]);
    await expect(rollout.rollOut('tea', { state: 'active', version: '1' }, ann)).rejects.toMatchObject({ code: 'strategy.not-ready' });

    expect(await rollout.validate('tea', '1', ann)).toEqual({ passed: true, problems: [] });
    await rollout.rollOut('tea', { state: 'active', version: '1' }, ann);
    await rollout.load(off(5, { name: 'tea', version: '2', tests: [
      { name: 'one', input: { sku: 'GR1', quantity: 1, unitPriceMinor: 100, netMinor: 100 }, expect: { netMinor: 95 } },
    ] }), ann);
    await rollout.validate('tea', '2', ann);
    await rollout.rollOut('tea', { state: 'canary', version: '2', percent: 5 }, ann);
    await rollout.rollOut('tea', { state: 'active', version: '2' }, ann);
    await rollout.rollBack('tea', ann);
    const { active } = await rollout.rollOut('tea', { state: 'off' }, ann);

    expect(active).toBeUndefined();
    const audit = await store.audit('tea', 99);
    expect(audit.map(({ action, version: about, details }) => [action, about, details]).reverse()).toEqual([
      ['added', '1', { sha256: version.sha256, use: 'bulk-price@1' }],
      ['validated', '1', {}],
      ['rolled-out', '1', { state: 'active', was: {} }],
      ['added', '2', { sha256: expect.any(String) }],
      ['validated', '2', {}],
      ['rolled-out', '2', { state: 'canary', percent: 5, was: { active: '1' } }],
      ['rolled-out', '2', { state: 'active', was: { active: '1', canary: { version: '2', percent: 5 } } }],
      ['rolled-back', '1', { was: { active: '2' } }],
      ['rolled-out', null, { state: 'off', was: { active: '1' } }],
    ]);
  });

  it('reports the same configuration as unchanged, and refuses another one under its version', async () => {
    await rollout.configure(bulk, ann);

    expect(await rollout.configure({ ...bulk, params: { unitPriceMinor: 250, from: 3 } }, ann)).toMatchObject({ outcome: 'unchanged' });
    await expect(rollout.configure({ ...bulk, priority: 1 }, ann)).rejects.toMatchObject({ kind: 'conflict', code: 'strategy.version-taken' });
  });

  it('does not validate a built-in that fails its tests', async () => {
    const input = { sku: 'GR1', quantity: 3, unitPriceMinor: 311, netMinor: 933 };
    await rollout.configure({ ...bulk, tests: [{ name: 'three', input, expect: { netMinor: 700 } }] }, ann);

    expect(await rollout.validate('tea', '1', ann)).toEqual({ passed: false, problems: [`'three' comes to 750, expected 700`] });
  });

  it.each<[what: string, setup: BuiltInSetup, problems: (string | RegExp)[]]>([
    ['parameters that are wrong', { ...bulk, params: { from: 0, unitPriceMinor: 1.5, upTo: 9 } }, [
      'params.from: expected a whole number, at least 1', 'params.unitPriceMinor: expected a whole number, at least 0',
      'params.upTo: no such parameter',
    ]],
    ['a built-in that is not there', { ...bulk, use: 'sell-it-all@1' }, [/^no such built-in: 'sell-it-all@1'; the built-ins are .*bulk-price@1/]],
    ['a built-in that every object has', { ...bulk, use: 'constructor' }, [/^no such built-in/]],
    ['a scope with a misspelt field', { ...bulk, scope: { currencies: ['GBP'], sku: ['GR1'] } as never }, ['scope.sku: no such field']],
    ['texts that cannot be stored', { ...bulk, title: 'a\0b', scope: { currencies: ['GBP'], skus: ['\ud800'] } }, [
      /^scope\.skus\[0\]: .*surrogate/, /^title: .*U\+0000/,
    ]],
    ['an amount without a currency', { ...bulk, scope: { skus: ['GR1'] } }, [
      'scope.currencies: expected the currencies of the amounts in params.unitPriceMinor',
    ]],
    ['two amounts without a currency', { ...bulk, use: 'spend-x-save-y@1', scope: {}, params: { spendMinor: 5, saveMinor: 1 } }, [
      'scope.currencies: expected the currencies of the amounts in params.spendMinor, params.saveMinor',
    ]],
    ['an amount off without a currency', { ...bulk, use: 'fixed-off@1', scope: {}, params: { amountMinor: 5 } }, [/params\.amountMinor$/]],
    ['a price of a set without a currency', { ...bulk, use: 'mix-and-match@1', scope: {}, params: { count: 3, setPriceMinor: 5 } }, [/params\.setPriceMinor$/]],
  ])('refuses %s', async (_what, setup, problems) => {
    await expect(rollout.configure(setup, ann)).rejects.toMatchObject({
      kind: 'invalid', code: 'pricing.rules',
      details: { problems: problems.map((problem) => (typeof problem === 'string' ? problem : expect.stringMatching(problem))) },
    });
    expect((await store.read()).strategies).toEqual([]);
  });

  it.each<[what: string, meta: Partial<Pick<BuiltInSetup, 'scope' | 'tests'>>, problem: string]>([
    ['a period from the year 0', { scope: { from: '0000-01-01' } }, 'scope.from: expected a year from 0001 to 9999'],
    ['a period until the year 0', { scope: { until: '0000-02-29T00:00:00Z' } }, 'scope.until: expected a year from 0001 to 9999'],
    ['a test in the year 0', { tests: [{ name: 'a', now: '0000-01-01T00:00:00Z', input: {} as never, expect: { netMinor: 1 } }] },
      'tests[0].now: expected a year from 0001 to 9999'],
    ['days that end before they begin', { scope: { from: '2030-01-02', until: '2030-01-01' } },
      'scope.until: expected an end that is not before scope.from'],
    ['a period without an instant', { scope: { from: '2030-01-01T01:00:00+01:00', until: '2030-01-01T00:00:00Z' } },
      'scope.until: expected an end that is not before scope.from'],
    ['a name that is not in NFC', { scope: { skus: ['tea', 'e\u0301'] } },
      'scope.skus[1]: expected a name in Unicode Normalization Form C (NFC), with no space around'],
    ['a name with a space around', { scope: { markets: [' m1'] } },
      'scope.markets[0]: expected a name in Unicode Normalization Form C (NFC), with no space around'],
    ['a name that is no currency', { scope: { currencies: ['pounds'] } }, 'scope.currencies[0]: expected an ISO 4217 code, such as GBP'],
  ])('refuses %s, in a built-in and in a script', async (_what, meta, problem) => {
    const percent = { name: 'tea', version: '1', use: 'percent-off@1', params: { percent: 5 } };

    await expect(rollout.configure({ ...percent, ...meta }, ann)).rejects.toMatchObject({ code: 'pricing.rules', details: { problems: [problem] } });
    await expect(rollout.load(off(5, { name: 'tea', ...meta }), ann)).rejects.toMatchObject({
      code: 'pricing.rules', details: { problems: [`meta.${problem}`] },
    });
  });

  it('accepts a period of one day', async () => {
    expect(await rollout.load(off(5, { name: 'tea', scope: { from: '2030-01-01', until: '2030-01-01' } }), ann)).toMatchObject({ outcome: 'added' });
  });

  it.each([
    ['no amount', { use: 'buy-n-get-m@1', params: { buy: 1, free: 1 } }],
    ['a set of which some are free', { use: 'mix-and-match@1', params: { count: 3, free: 1 } }],
  ])('needs no currency with %s', async (_what, setup) => {
    expect(await rollout.configure({ ...bulk, scope: {}, ...setup }, ann)).toMatchObject({ outcome: 'added' });
  });

  it.each([
    [{ saveMinor: 5 }, 'params.saveMinor'],
    [{ steps: [{ from: 1 }, { from: 2, each: { offMinor: 3 } }] }, 'params.steps[1].each.offMinor'],
  ])('refuses a script with the parameters %j and no currency', async (params, path) => {
    const source = (scope: object) => off(5, { name: 'tea', params, scope });

    await expect(rollout.load(source({}), ann)).rejects.toMatchObject({
      code: 'pricing.rules', details: { problems: [`meta.scope.currencies: expected the currencies of the amounts in ${path}`] },
    });
    await expect(rollout.check(source({}))).rejects.toMatchObject({ code: 'pricing.rules' });
    expect(await rollout.load(source({ currencies: ['GBP'] }), ann)).toMatchObject({ outcome: 'added' });
  });

  it.each([
    ['with U+0000 in its title', { title: 'a\0b' }, /^meta\.title: .*U\+0000/],
    ['with half a surrogate pair in a test', { tests: [{ name: '\udfff', input: {}, expect: {} }] as never }, /^meta\.tests\[0\]\.name: .*surrogate/],
    ['that nests without end', { params: JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`) as unknown }, /more than 32 deep/],
  ])('refuses a script %s', async (_what, meta, problem) => {
    await expect(rollout.load(off(5, { name: 'tea', ...meta }), ann)).rejects.toMatchObject({
      kind: 'invalid', code: 'pricing.rules', details: { problems: [expect.stringMatching(problem)] },
    });
  });

  it('deletes drafts, once per command, and no version that was ever in force', async () => {
    await rollout.configure(bulk, ann);
    await rollout.configure({ ...bulk, version: '2' }, ann);
    await rollout.validate('tea', '1', ann);
    await rollout.rollOut('tea', { state: 'active', version: '1' }, ann);
    await rollout.rollOut('tea', { state: 'off' }, ann);
    const seen = await rollout.find('tea');

    await expect(rollout.remove('tea', '1', ann)).rejects.toMatchObject({ kind: 'conflict', code: 'strategy.version-used' });
    await expect(rollout.remove('tea', '2', { ...ann, ifRevision: seen.revision - 1 })).rejects.toMatchObject({ code: 'strategy.changed' });
    for (let sent = 0; sent < 2; sent += 1) await rollout.remove('tea', '2', { ...ann, id: 'command' });

    await expect(rollout.remove('tea', '2', ann)).rejects.toMatchObject({ kind: 'missing', code: 'strategy.missing' });
    await expect(rollout.remove('milk', '1', ann)).rejects.toMatchObject({ code: 'strategy.missing' });
    expect((await rollout.find('tea', 'all')).versions.map(({ version }) => version)).toEqual(['1']);
    expect((await store.audit('tea', 1))[0]).toMatchObject({ action: 'deleted', version: '2', details: { sha256: expect.any(String) } });
  });

  it('seeds and activates unknown names, and never changes known ones', async () => {
    const names = referenceSetups().map(({ name }) => name);

    expect(await rollout.seed(referenceSetups(), { by: 'seed' })).toEqual(names);
    expect((await store.audit(names[0]!, 9))).toMatchObject([{ action: 'seeded', by: 'seed', version: '1.1.0', details: { state: 'active' } }]);
    await rollout.rollOut(names[0]!, { state: 'off' }, ann);
    const { revision } = await store.read();

    expect(await rollout.seed(referenceSetups(), { by: 'seed' })).toEqual([]);
    const { revision: after, strategies } = await store.read();
    expect(after).toBe(revision);
    expect(strategies.map(({ name, active }) => [name, active])).toEqual([[names[0], undefined], [names[1], '1.1.0'], [names[2], '1.1.0']]);
    await expect(rollout.rollBack(names[0]!, ann)).rejects.toMatchObject({ kind: 'rejected', code: 'strategy.nothing-before' });
  });

  it('seeds once under concurrent calls', async () => {
    const added = await Promise.all([1, 2, 3].map(() => rollout.seed(referenceSetups(), { by: 'seed' })));

    expect(added.flat().sort()).toEqual(referenceSetups().map(({ name }) => name).sort());
  });
});
