import { askLines, priceLine, referenceSetups } from '@aisle/pricing';
import { MemoryStrategyStore, SandboxedRollout, StrategyRollout, type UnreadableStrategy } from '@aisle/pricing/lifecycle';
import { systemRuntime } from '@aisle/std';
import { LazySandbox } from './lazy-sandbox.ts';
import { RulesFollower } from './rules-follower.ts';

const at = { now: '2026-11-21T09:00:00Z', market: 'm1', currency: 'GBP' };
const tea = { sku: 'GR1', quantity: 1, unitPriceMinor: 311 };

describe('RulesFollower', () => {
  let sandbox: LazySandbox;
  let store: MemoryStrategyStore;
  let rules: RulesFollower;
  let failures: unknown[];
  let unreadable: readonly UnreadableStrategy[];
  beforeAll(() => {
    sandbox = new LazySandbox({ runtime: systemRuntime, workers: 1 });
  });
  afterAll(() => sandbox.close());
  beforeEach(async () => {
    store = new MemoryStrategyStore();
    failures = [];
    unreadable = [];
    rules = new RulesFollower({ store, sandbox, onFailed: (error) => failures.push(error) });
    rules.onChange((found) => { unreadable = found; });
    await rules.start();
  });
  afterEach(() => rules.stop());

  const net = async () => (await askLines(rules.ruleSetFor('b'), [tea], at))[0]?.netMinor;
  const release = async (version: string, amountMinor: number) => {
    const by = { by: 'ann' };
    const rollout = new SandboxedRollout({ store, sandbox: await sandbox.get(), runtime: systemRuntime });
    await rollout.load(source(version, amountMinor), by);
    await rollout.validate('tea', version, by);
    await rollout.rollOut('tea', { state: 'active', version }, by);
  };

  it('prices without rules while there are no strategies', () => {
    expect(rules.revision).toBe(1);
    expect(rules.ruleSetFor('b').strategies).toEqual([]);
    expect(priceLine(rules.ruleSetFor('b'), { ...tea, quantity: 2 }, at).netMinor).toBe(622);
  });

  it('prices by built-ins of the store in process, and starts no sandbox for them', async () => {
    const none = new LazySandbox({ runtime: systemRuntime });
    none.get = () => Promise.reject(new Error('these rules need no sandbox'));
    const built = new RulesFollower({ store, sandbox: none, onFailed: (error) => failures.push(error) });
    await new StrategyRollout({ store, runtime: systemRuntime }).seed(referenceSetups(), { by: 'seed' });

    await built.start();

    expect(built.ruleSetFor('b').asks).toBe(false);
    expect(priceLine(built.ruleSetFor('b'), { ...tea, quantity: 2 }, at).netMinor).toBe(311);
    expect(failures).toEqual([]);
    await built.stop();
  });

  it('omits a strategy that cannot be read, reports it, and prices by the others', async () => {
    const read = store.read.bind(store);
    store.read = async () => {
      const { revision, strategies } = await read();
      const bad = { version: '1', reason: 'meta.title: expected a text' };
      return { revision, strategies: [...strategies, { name: 'bad', kind: 'line', revision, versions: [], before: [], active: '1', unreadable: [bad] }] };
    };

    await release('1', 5);
    await rules.refresh();

    expect(await net()).toBe(306);
    expect(unreadable).toEqual([{ strategy: 'bad', version: '1', reason: 'meta.title: expected a text' }]);
    expect(failures).toEqual([]);
  });

  it('returns the rules of an earlier revision, whatever is in force now', async () => {
    const netAt = async (revision: number) => {
      const active = await rules.at(revision);
      return (await askLines(active.ruleSetFor('b'), [tea], at))[0]?.netMinor;
    };
    await release('1', 5);
    await rules.refresh();
    const first = rules.revision;
    await release('2', 7);
    await rules.refresh();
    const second = rules.revision;
    await new StrategyRollout({ store, runtime: systemRuntime }).rollOut('tea', { state: 'off' }, { by: 'ann' });
    await rules.refresh();

    expect([await netAt(1), await netAt(first), await netAt(second), await netAt(rules.revision)]).toEqual([311, 306, 304, 311]);
    expect((await rules.at(first)).revision).toBe(first);
    await expect(rules.at(rules.revision + 1)).rejects.toMatchObject({ kind: 'missing', code: 'strategy.revision-unknown' });
  });

  it('caches the rules of a few earlier revisions, and reads others again', async () => {
    for (let change = 0; change < 12; change += 1) await release(`${change}`, 5);
    await rules.refresh();
    let reads = 0;
    const readAt = store.readAt.bind(store);
    store.readAt = (revision) => {
      reads += 1;
      return readAt(revision);
    };

    await Promise.all([3, 3, 3].map((revision) => rules.at(revision)));
    expect(reads).toBe(1);
    for (let revision = 4; revision < 12; revision += 1) await rules.at(revision);
    await rules.at(11);
    expect(reads).toBe(9);
    await rules.at(3);
    expect(reads).toBe(10);
  });

  it('follows rollouts, at ever higher revisions', async () => {
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

  it('keeps the rules in force when it cannot read, and catches up', async () => {
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
