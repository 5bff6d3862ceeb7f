import { systemRuntime } from '@aisle/std';
import { askLines } from '../engine/line.ts';
import { at, item } from '../testing/shop.ts';
import { off, patiently, source, startSandbox } from '../testing/script-shop.ts';
import { ActiveRules } from './active-rules.ts';
import { SandboxedRollout } from './sandboxed-rollout.ts';
import { MemoryStrategyStore } from './strategy-store.ts';
import { simulate } from './simulate.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { LineInput, Meta, TestCase } from '../strategy.ts';

const ann = { by: 'ann' };
const tested: LineInput = { sku: 'GR1', quantity: 1, unitPriceMinor: 100, netMinor: 100 };

describe('SandboxedRollout', () => {
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

  const inForce = async () => new ActiveRules(await store.read(), (...version) => sandbox.strategy(...version));
  const netFor = async (basketId: string, quantity = 1) => {
    const [line] = await askLines((await inForce()).ruleSetFor(basketId), [item(quantity, 100)], patiently);
    return line?.netMinor;
  };
  const release = async (amountMinor: number, version: string) => {
    await rollout.load(tea(amountMinor, version), ann);
    expect(await rollout.validate('tea', version, ann)).toEqual({ passed: true, problems: [] });
    return rollout.rollOut('tea', { state: 'active', version }, ann);
  };

  it('loads, validates and activates a version, and records the author', async () => {
    expect(await netFor('b')).toBe(100);

    await release(5, '1');

    expect(await netFor('b')).toBe(95);
    expect((await store.audit('tea', 9)).map(({ by, action, version }) => [by, action, version])).toEqual([
      ['ann', 'rolled-out', '1'], ['ann', 'validated', '1'], ['ann', 'added', '1'],
    ]);
  });

  it('reports the same source as unchanged', async () => {
    await release(5, '1');
    const { revision } = await store.read();

    const { outcome } = await rollout.load(tea(5, '1'), ann);

    expect(outcome).toBe('unchanged');
    expect((await store.read()).revision).toBe(revision);
  });

  it('refuses the same version with other bytes', async () => {
    await rollout.load(tea(5, '1'), ann);

    await expect(rollout.load(tea(6, '1'), ann)).rejects.toMatchObject({ kind: 'conflict', code: 'strategy.version-taken' });
  });

  it('rolls back', async () => {
    await release(5, '1');
    await release(7, '2');
    expect(await netFor('b')).toBe(93);

    await rollout.rollBack('tea', ann);

    expect(await netFor('b')).toBe(95);
  });

  it('charges a canary to its part of the baskets, the same ones every time', async () => {
    await release(5, '1');
    await rollout.load(tea(7, '2'), ann);
    await rollout.validate('tea', '2', ann);
    const baskets = Array.from({ length: 1000 }, (_, at) => `basket-${at}`);
    const withCanary = async (percent: number) => {
      await rollout.rollOut('tea', { state: 'canary', version: '2', percent }, ann);
      const rules = await inForce();
      return baskets.filter((basket) => rules.ruleSetFor(basket).strategies[0]?.meta.version === '2');
    };

    const [few, many, all] = [await withCanary(10), await withCanary(40), await withCanary(100)];

    expect(few.length).toBeGreaterThan(70);
    expect(few.length).toBeLessThan(130);
    expect(many).toEqual(expect.arrayContaining(few));
    expect(all).toEqual(baskets);
    expect(await netFor('b')).toBe(93);
  });

  it('computes a shadow without charging it, and reports the difference', async () => {
    await release(5, '1');
    await rollout.load(tea(9, '2'), ann);
    await rollout.validate('tea', '2', ann);
    await rollout.rollOut('tea', { state: 'shadow', version: '2' }, ann);

    const rules = await inForce();
    const samples = [1, 2, 3].map((quantity) => ({ items: [item(quantity, 100)], coupons: [], context: at }));
    const [shadow] = rules.shadowsFor('b');
    expect(shadow).toMatchObject({ name: 'tea', version: '2' });
    const report = await simulate(rules, { ruleSetFor: () => shadow!.rules }, [...samples, { items: [], coupons: [], context: at }]);

    expect(await netFor('b')).toBe(95);
    expect(report).toEqual({
      baskets: 4, changed: 3, degraded: 0, differenceMinor: -12,
      histogram: [{ fromMinor: -7, toMinor: -4, baskets: 3 }, { fromMinor: 0, toMinor: 0, baskets: 1 }],
    });
  });

  it('falls back to the version before when it retires one', async () => {
    await release(5, '1');
    await release(7, '2');

    await rollout.retire('tea', '2', 'threw an error', { by: 'sandbox' });
    await rollout.retire('tea', '2', 'threw an error', { by: 'sandbox' });

    expect(await netFor('b')).toBe(95);
    const retirements = (await store.audit('tea', 99)).filter(({ action }) => action === 'retired');
    expect(retirements).toEqual([expect.objectContaining({ by: 'sandbox', version: '2', details: { reason: 'threw an error', was: { active: '2' }, now: { active: '1' } } })]);
  });

  it('refuses a change of a strategy that changed in the meantime', async () => {
    const { revision } = await release(5, '1');
    await release(7, '2');

    await expect(rollout.rollOut('tea', { state: 'off' }, { ...ann, ifRevision: revision })).rejects.toMatchObject({ kind: 'precondition', code: 'strategy.changed' });
  });

  it('makes the same change once, however often and to whichever process it comes', async () => {
    await release(5, '1');
    await release(6, '2');
    await release(7, '3');
    const { revision } = await store.read();

    const again = await Promise.all([1, 2, 3].map(() => rollout.rollBack('tea', { ...ann, id: 'a', ifRevision: revision })));

    expect(again.map(({ active }) => active)).toEqual(['2', '2', '2']);
    expect((await store.read()).revision).toBe(revision + 1);
    const loads = [1, 2].map(() => rollout.load(tea(8, '4'), { ...ann, id: 'b' }));
    expect((await Promise.all(loads)).map(({ outcome }) => outcome)).toEqual(['added', 'added']);
  });

  it('accepts concurrent loads', async () => {
    await Promise.all([1, 2, 3].map((version) => rollout.load(tea(5, `${version}`), ann)));

    expect((await rollout.find('tea', 'all')).versions.map(({ version }) => version).sort()).toEqual(['1', '2', '3']);
  });

  it('knows no strategy that was never loaded', async () => {
    await expect(rollout.rollBack('coffee', ann)).rejects.toMatchObject({ kind: 'missing', code: 'strategy.missing' });
  });

  it.each<[fact: string, text: string, problem: string | RegExp]>([
    ['has no tests', off(5, { name: 'tea' }), 'meta.tests: expected at least one test'],
    ['fails its test', off(5, { name: 'tea', tests: [test(99)] }), `'one' comes to 95, expected 99`],
    ['applies other codes', off(5, { name: 'tea', tests: [{ ...test(95), expect: { netMinor: 95, codes: ['x'] } }] }), `'one' applies [off], expected [x]`],
    ['throws', source(`throw new Error('no');`, { name: 'tea', tests: [test(95)] }), `'one' threw an error: no`],
    ['has tests that are none', off(5, { name: 'tea', tests: [{ name: 'x' } as TestCase] }), 'meta.tests[0].input: expected a line'],
    ['tests what is no line', off(5, { name: 'tea', tests: [{ ...test(95), input: { ...tested, quantity: '1,2' as never } }] }), 'meta.tests[0].input: expected a line'],
    ['expects codes that are none', off(5, { name: 'tea', tests: [{ ...test(95), expect: { netMinor: 95, codes: 7 as never } }] }), 'meta.tests[0].expect.codes: expected a list of texts'],
    ['throws what cannot be stored', source(String.raw`throw new Error('a\0b\ud800');`, { name: 'tea', tests: [test(95)] }), `'one' threw an error: a\uFFFDb\uFFFD`],
    ['does not end', source(`[].indexOf.call({ length: 2 ** 53 - 1 }, 1);`, { name: 'tea', tests: [test(95)] }), `'one' did not end`],
    ['counts in secret', source(`return { adjustments: [{ code: 'x', amountMinor: -(seen += 1), message: 'x' }] };`, {
      name: 'tea', tests: [99, 98, 97, 96, 95, 94].map((net) => ({ ...test(net), name: `${net}` })),
    }, 'let seen = 0;'), /comes to/],
    ['works too long on a large basket', source(`if (input.lines.length > 9) for (;;); return { adjustments: [] };`, {
      name: 'tea', kind: 'basket', tests: [{ name: 'none', input: { lines: [], grossMinor: 0, netMinor: 0, coupons: [] }, expect: { netMinor: 0 } }],
    }), 'on a basket of 200 lines it worked too long'],
  ])('does not validate a version that %s', async (_fact, text, problem) => {
    const { version } = await rollout.load(text, ann);

    const { passed, problems } = await rollout.validate('tea', version.version, ann);

    expect(passed).toBe(false);
    expect(problems[0]).toEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem));
    expect((await store.audit('tea', 1))[0]).toMatchObject({ action: 'refused', details: { problems } });
  });

  // Each fault would affect every live price, and validation is the last step before shoppers pay for it.
  it.each<[answer: string, problem: string, net?: number]>([
    [`{ adjustments: [{ code: '', amountMinor: 0, message: 'm' }] }`, 'code is not a text of 1 to 64 characters'],
    [`{ adjustments: [{ code: 'x'.repeat(65), amountMinor: 0, message: 'm' }] }`, 'code is not a text of 1 to 64 characters'],
    [String.raw`{ adjustments: [{ code: 'a\0', amountMinor: 0, message: 'm' }] }`, 'code has a character U+0000'],
    [`{ adjustments: [{ code: 'x', amountMinor: 0 }] }`, 'message is not a text of 1 to 500 characters'],
    [String.raw`{ adjustments: [{ code: 'x', amountMinor: 0, message: 'a\ud800' }] }`, 'message has half a surrogate pair'],
    [`{ adjustments: [{ code: 'x', amountMinor: 0, units: -1.5, message: 'm' }] }`, 'units is not a count'],
    [`{ adjustments: [], skipped: 'no' }`, 'skipped is not a list'],
    [`{ adjustments: [], skipped: [{ code: 'x', reason: '' }] }`, 'reason is not a text of 1 to 500 characters'],
    [`{ adjustments: Array.from({ length: 33 }, () => ({ code: 'x', amountMinor: 0, message: 'm' })) }`, 'adjustments has more than 32 entries'],
    [`{ adjustments: Array.from({ length: 32 }, () => ({ code: 'x', amountMinor: 0, message: 'm' })) }`, 'adjustments and skipped have more than 1024 bytes'],
    [`{}`, 'adjustments is not a list'],
    [`7`, 'adjustments is not a list'],
    [`(function* () {})()`, 'adjustments is not a list'],
    [`{ adjustments: [0.5, -0.5].map((amountMinor) => ({ code: 'x', amountMinor, message: 'm' })) }`, 'amountMinor is not a safe integer'],
    [`{ adjustments: [{ code: 'x', amountMinor: NaN, message: 'm' }] }`, 'amountMinor is not a safe integer'],
    [`{ adjustments: [{ code: 'x', amountMinor: 5, message: 'm' }] }`, 'adjustments raise the price; only a strategy with meta.surcharge may do that', 105],
    [`{ adjustments: [2 ** 53 - 1, 1 - 2 ** 53].map((amountMinor) => ({ code: 'x', amountMinor, message: 'm' })) }`, 'adjustments exceed 1000000000000000 minor units in total'],
  ])('does not validate a version that answers %s', async (answer, problem, net = 100) => {
    const { version } = await rollout.load(source(`return ${answer};`, { name: 'tea', tests: [test(net)] }), ann);

    const validation = await rollout.validate('tea', version.version, ann);

    expect(validation).toEqual({ passed: false, problems: [`'one' broke the contract: ${problem}`] });
  });

  it('does not validate a version whose price is a generator, and refuses one whose price is asynchronous', async () => {
    const { version } = await rollout.load(tea(0, '1').replace(' price(', ' *price('), ann);

    expect(await rollout.validate('tea', version.version, ann)).toEqual({
      passed: false, problems: [`'one' broke the contract: adjustments is not a list`],
    });
    await expect(rollout.load(tea(0, '2').replace(' price(', ' async price('), ann)).rejects.toMatchObject({
      code: 'strategy.source', details: { problems: [expect.stringMatching(/or an asynchronous one$/)] },
    });
  });

  it('validates a version that tries to keep state between its answers', async () => {
    const { version } = await rollout.load(source(`count += 1; return { adjustments: [{ code: 'x', amountMinor: -count, message: 'x' }] };`, {
      name: 'tea', tests: [test(99), { ...test(99), name: 'two' }],
    }, 'let count = 0;'), ann);

    expect(await rollout.validate('tea', version.version, ann)).toEqual({ passed: true, problems: [] });
  });

  it('refuses a script as busy while too many others are tried', async () => {
    await rollout.load(tea(5, '1'), ann);
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => { end = resolve; });
    const works = Array.from({ length: 9 }, () => sandbox.admit(() => ended));

    const refused = await Promise.allSettled([rollout.load(tea(6, '2'), ann), rollout.check(tea(6, '2')), rollout.validate('tea', '1', ann)]);
    end();
    await Promise.all(works);

    const busy = { status: 'rejected', reason: { kind: 'throttled', code: 'sandbox.busy', details: { retryAfterMs: 1_000 } } };
    expect(refused).toMatchObject([busy, busy, busy]);
    expect(await rollout.validate('tea', '1', ann)).toEqual({ passed: true, problems: [] });
  });
});

function tea(amountMinor: number, version: string, meta: Partial<Meta> = {}): string {
  return off(amountMinor, { name: 'tea', version, tests: [test(100 - amountMinor)], ...meta });
}

function test(netMinor: number): TestCase {
  return { name: 'one', input: tested, expect: { netMinor } };
}
