import { askLines, createRuleSet, priceLine, referenceRules } from '@aisle/pricing';
import { MemoryStrategyStore, StrategyDesk } from '@aisle/pricing/lifecycle';
import { systemRuntime } from '@aisle/std';
import { LazySandbox } from './lazy-sandbox.ts';
import { RulesInForce } from './rules-in-force.ts';

const at = { now: '2026-11-21T09:00:00Z', market: 'm1', currency: 'GBP' };
const tea = { sku: 'GR1', quantity: 1, unitPriceMinor: 311 };

describe('RulesInForce', () => {
  let sandbox: LazySandbox;
  let store: MemoryStrategyStore;
  let rules: RulesInForce;
  let failures: unknown[];
  beforeAll(() => {
    sandbox = new LazySandbox({ runtime: systemRuntime, workers: 1 });
  });
  afterAll(() => sandbox.close());
  beforeEach(async () => {
    store = new MemoryStrategyStore();
    failures = [];
    rules = new RulesInForce({ store, sandbox, builtIns: referenceRules(), onFailed: (error) => failures.push(error) });
    await rules.start();
  });
  afterEach(() => rules.stop());

  const net = async () => (await askLines(rules.ruleSetFor('b'), [tea], at))[0]?.netMinor;
  const release = async (version: string, amountMinor: number) => {
    const by = { by: 'ann' };
    const desk = new StrategyDesk({ store, sandbox: await sandbox.get(), runtime: systemRuntime });
    await desk.load(source(version, amountMinor), by);
    await desk.validate('tea', version, by);
    await desk.rollOut('tea', { state: 'active', version }, by);
  };

  it('prices by the built-ins alone while there are no strategies, as it always did', () => {
    expect(rules.revision).toBe(1);
    expect(rules.ruleSetFor('b').asks).toBe(false);
    expect(priceLine(rules.ruleSetFor('b'), { ...tea, quantity: 2 }, at))
      .toEqual(priceLine(createRuleSet(1, referenceRules()), { ...tea, quantity: 2 }, at));
  });

  it('follows what is rolled out, at ever higher revisions', async () => {
    const { revision } = rules;

    await release('1', 5);
    await rules.refresh();
    const first = await net();
    await release('2', 7);
    await rules.refresh();

    expect([first, await net()]).toEqual([306, 304]);
    expect(rules.revision).toBeGreaterThan(revision);
  });

  it('lets a command finish by the rules that it began with', async () => {
    await release('1', 5);
    await rules.refresh();
    const begunWith = rules.ruleSetFor('b');

    await release('2', 7);
    await rules.refresh();

    const [line] = await askLines(begunWith, [{ ...tea, quantity: 3 }], at);
    expect(line?.adjustments[0]).toMatchObject({ strategy: 'tea', version: '1' });
  });

  it('keeps what is in force when it cannot read, and catches up', async () => {
    await release('1', 5);
    await rules.refresh();
    const read = store.read.bind(store);
    store.read = () => Promise.reject(new Error('away'));
    await release('2', 7);
    await rules.refresh();
    expect(await net()).toBe(306);
    expect(failures).toEqual(expect.arrayContaining([expect.objectContaining({ message: 'away' })]));

    store.read = read;
    await rules.refresh();

    expect(await net()).toBe(304);
  });
});

function source(version: string, amountMinor: number): string {
  const tests = [{ name: 'one', input: { ...tea, netMinor: 311 }, expect: { netMinor: 311 - amountMinor } }];
  const meta = {
    contract: 1, name: 'tea', version, kind: 'line', title: 'Tea', scope: { skus: ['GR1'] }, priority: 5, stack: 'stack', tests,
  };
  return `export default { meta: ${JSON.stringify(meta)}, price: () => ({
    adjustments: [{ code: 'off', amountMinor: -${amountMinor}, message: 'off' }],
  }) };`;
}
