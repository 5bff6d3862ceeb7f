import { actorKey, type Operation } from '@aisle/contracts';
import { Activation, Journal, eventsOf } from '@aisle/journal';
import { MemoryJournal } from '@aisle/journal/testing';
import { createRuleSet, type ActiveStrategy } from '@aisle/pricing';
import { Sandbox } from '@aisle/pricing/sandbox';
import { systemRuntime } from '@aisle/std';
import { seededRandom } from '@aisle/std/testing';
import { basketBehaviour, planOf, type PlannedCommand, type PricedChoice } from '../basket/basket-behaviour.ts';
import { emptyBasket, evolve, type Basket } from '../basket/basket.ts';
import { payloadHashOf, wantedBy } from '../basket/command.ts';
import { eventOf, type StoredEvent } from '../basket/stored-event.ts';
import { Catalogue } from '../catalogue/catalogue.ts';
import { seedChanges } from '../testing/seed-changes.ts';
import { Prices } from './prices.ts';

const ANNA = { shard: 7, actor: actorKey('default', 'm1', 'anna') };

describe('a journal written under one set of rules', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await Sandbox.start({ runtime: systemRuntime, workers: 1 });
  });
  afterAll(() => sandbox.close());

  it('replays to the same amounts under another set, and asks none of its scripts', async () => {
    const memory = new MemoryJournal(systemRuntime);
    const before = await serve(memory, 1, await rulesOf('1', 5, 30));
    const written: Basket[] = [];
    for (const operation of someOperations(130)) written.push(await before.apply(operation));
    expect(before.calls()).toBeGreaterThan(100);
    expect(written.at(-1)?.adjustments).toMatchObject([{ strategy: 'whole', version: '1' }]);

    const after = await serve(memory, 2, await rulesOf('2', 7, 40));
    const loaded = await after.basket.read((basket) => basket);
    const replayed = await after.replay();

    expect(loaded).toEqual(written.at(-1));
    expect(replayed).toEqual(written);
    expect(after.calls()).toBe(0);
  });

  it('is repriced as a whole, only by the next command', async () => {
    const memory = new MemoryJournal(systemRuntime);
    const before = await serve(memory, 1, await rulesOf('1', 5, 30));
    await before.apply({ op: 'add', sku: 'GR1', quantity: 1 });
    await before.apply({ op: 'add', sku: 'SR1', quantity: 2 });

    const after = await serve(memory, 2, await rulesOf('2', 7, 40));
    const basket = await after.apply({ op: 'add', sku: 'CF1', quantity: 1 });

    expect(after.calls()).toBeGreaterThan(0);
    const versions = [...basket.lines.values(), basket].flatMap(({ adjustments }) => adjustments.map(({ version }) => version));
    expect(versions).toEqual(['2', '2', '2', '2']);
    expect(basket.totalMinor).toBe(311 + 2 * 500 + 1_123 - 3 * 7 - 40);
  });

  it('is not continued by a server that has not read these rules', async () => {
    const memory = new MemoryJournal(systemRuntime);
    const before = await serve(memory, 2, await rulesOf('2', 7, 40));
    await before.apply({ op: 'add', sku: 'GR1', quantity: 1 });

    const behind = await serve(memory, 1, await rulesOf('1', 5, 30));

    await expect(behind.apply({ op: 'add', sku: 'GR1', quantity: 1 })).rejects.toMatchObject({ kind: 'unavailable', code: 'pricing.behind' });
    expect(behind.calls()).toBe(0);
  });

  async function rulesOf(version: string, lineOff: number, basketOff: number): Promise<ActiveStrategy[]> {
    const versions = [sourceOf('each', 'line', version, lineOff), sourceOf('whole', 'basket', version, basketOff)];
    return Promise.all(versions.map(async (source) => sandbox.strategy(await sandbox.read(source))));
  }
});

/** A server with one basket, whose rules count their calls. */
async function serve(memory: MemoryJournal, revision: number, strategies: readonly ActiveStrategy[]) {
  const journal = new Journal({ storage: memory.storage(`node-${revision}`), runtime: systemRuntime });
  let calls = 0;
  const counted = strategies.map((strategy): ActiveStrategy => ({
    ...strategy,
    price(input, ctx) { calls += 1; return strategy.price(input, ctx); },
    ask(inputs, ctx) { calls += 1; return strategy.ask!(inputs, ctx); },
  }));
  const rules = createRuleSet(revision, counted);
  const source = { catalogue: Catalogue.empty.with(seedChanges()) };
  const prices = new Prices({ ruleSetFor: () => rules }, source, systemRuntime.clock);
  const [owner] = await journal.owners([ANNA.shard]);
  const lease = await journal.claim(ANNA.shard, owner?.epoch ?? 0);
  const basket = await Activation.load({ journal, lease: lease!, actor: ANNA.actor, behaviour: basketBehaviour });
  let commands = 0;
  return {
    basket,
    calls: () => calls,
    async apply(operation: Operation): Promise<Basket> {
      commands += 1;
      const pricer = prices.at({ tenant: 'default', market: 'm1' }, 'anna');
      const command = { id: `${revision}-${commands}`, operations: [operation], opens: false, pricer };
      const priced = new Map<string, PricedChoice>();
      for (const [sku, choice] of wantedBy(basket.latestState, command)) {
        if (choice.quantity > 0) priced.set(sku, { choice, line: await pricer.line(sku, choice, basket.latestState.lines.get(sku)) });
      }
      const planned: PlannedCommand = { ...command, priced };
      const { wanted, lines } = planOf(basket.latestState, planned);
      await pricer.prepare(basket.latestState, wanted, lines);
      return (await basket.submit({ id: command.id, payloadHash: payloadHashOf(command), command: planned })).state;
    },
    /** The basket after each of its events, from the first. */
    async replay(): Promise<Basket[]> {
      const states: Basket[] = [];
      let state = emptyBasket;
      for (const row of await journal.history(ANNA, 0, 1_000)) {
        for (const stored of eventsOf<StoredEvent>(row)) states.push(state = evolve(state, eventOf(stored)));
      }
      return states;
    },
  };
}

/** Adds and sets of the seed's products; a hundred are more than a snapshot apart. */
function someOperations(count: number): Operation[] {
  const random = seededRandom(6);
  return Array.from({ length: count }, () => {
    const sku = ['GR1', 'SR1', 'CF1', 'P0001'][random.int(4)]!;
    return { op: random.int(4) === 0 ? 'set' : 'add', sku, quantity: 1 + random.int(5) };
  });
}

function sourceOf(name: string, kind: 'line' | 'basket', version: string, amountMinor: number): string {
  const meta = { contract: 1, name, version, kind, title: name, scope: {}, priority: 1, stack: 'stack', tests: [] };
  return `export default { meta: ${JSON.stringify(meta)}, price: () => ({
    adjustments: [{ code: 'off', amountMinor: -${amountMinor}, message: 'off' }],
  }) };`;
}
