import { ActorHost, type ActorHostOptions } from '@aisle/cluster';
import { actorKey, type ChangeBasket, type MarketTerms, type Money, type Operation, type QuoteRequest, type RestoreBasket } from '@aisle/contracts';
import { Journal, type Lease } from '@aisle/journal';
import { MemoryJournal } from '@aisle/journal/testing';
import { createRuleSet, referenceRules, type ActiveStrategy, type RuleSet } from '@aisle/pricing';
import { simulate } from '@aisle/pricing/lifecycle';
import { Registry } from '@aisle/registry';
import { systemRuntime, type Clock } from '@aisle/std';
import { Supervisor, System, type Ref, type TreeNode } from '@aisle/supervision';
import { basketServerTree, DYNAMIC_USER_BASKET_SUPERVISOR } from '../basket-server.tree.ts';
import { basketActor, type LiveBasket } from '../basket/basket.actor.ts';
import { Baskets, type BasketAddress } from '../basket/baskets.ts';
import { Catalogue, type Product } from '../catalogue/catalogue.ts';
import { namedOperations } from '../basket/named-products.ts';
import { Prices } from '../pricing/prices.ts';
import { Quotes } from '../quote/quotes.ts';
import { seedChanges } from './seed-changes.ts';

/** The journal that servers share, and the parts that each server has alone. */
export interface ShopOptions {
  readonly memory: MemoryJournal;
  readonly incarnation: string;
  /** The clock of prices. */
  readonly clock: Clock;
}

/** The baskets of one server with all their processes, on a journal in memory and a catalogue that a test can change. */
export type Shop = Awaited<ReturnType<typeof openShop>>;

export async function openShop(
  { memory = new MemoryJournal(systemRuntime), incarnation = 'node-1', clock = systemRuntime.clock }: Partial<ShopOptions> = {},
) {
  const crashed: Ref[] = [];
  const system = new System(systemRuntime, { hooks: { onCrash: ({ ref }) => void crashed.push(ref) } });
  const journal = new Journal({ storage: memory.storage(incarnation), runtime: systemRuntime });
  const source = { catalogue: Catalogue.empty.with(seedChanges()) };
  let rules = createRuleSet(1, referenceRules());
  const prices = new Prices({ ruleSetFor: () => rules }, source, clock);
  const actor = basketActor({ prices, runtime: { ...systemRuntime, clock } });
  const registry: Parameters<typeof actor.kind>[0]['registry'] = new Registry(system, { keys: 'unique' });
  const root = await system.start(basketServerTree(100));
  const supervisor = Supervisor.child(root, DYNAMIC_USER_BASKET_SUPERVISOR);
  const host = new ActorHost({
    kind: actor.kind({ journal, registry, supervisor }),
    shards: claimedAtOnce(journal),
    runtime: systemRuntime,
    limits: { actorsMax: 100, bytesMax: 2 ** 30, idleMs: 60_000 },
    nodeHolds: () => true,
  });
  const baskets = new Baskets({ node: host, actor, journal });
  const market = { tenant: 'default', market: 'm1' };
  const pricer = () => prices.at(market);
  const put = (sku: string, product: Product | undefined): void => {
    const revision = pricer().market.revision + 1;
    source.catalogue = source.catalogue.with([{ ...market, revision, sku, product }]);
  };

  return {
    crashed,
    prices,
    ruleSet: () => rules,
    market: () => pricer().market,
    /** Passivates the shard's baskets, as before a handover. */
    leave: (shard: number) => host.drain(shard),
    /** The price of these items by the rules in force minus their price without rules, in minor units. */
    difference: async (quantities: ReadonlyMap<string, number>) =>
      (await simulate(forAll(createRuleSet(0, [])), forAll(rules), [pricer().sample(new Map([...quantities].map(([sku, quantity]) => [sku, { quantity }])))])).differenceMinor,
    change: (address: BasketAddress, id: string, operations: Operation[], ifMatch?: number) =>
      baskets.change(address, { id, operations, ifMatch, opens: false, pricer: pricer() }),
    /** As `change`, for operations that may name products by codes. */
    request: (address: BasketAddress, id: string, operations: ChangeBasket['operations']) => {
      const now = pricer();
      return baskets.change(address, { id, ...namedOperations(operations, now), opens: false, pricer: now });
    },
    open: (address: BasketAddress, id: string) =>
      baskets.change(address, { id, operations: [], opens: true, pricer: pricer() }),
    checkOut: (address: BasketAddress, id: string, { ifMatch, total }: { ifMatch?: number; total?: Money } = {}) =>
      baskets.change(address, {
        id, operations: [], ifMatch, opens: false, pricer: pricer(), step: { kind: 'checkout', orderId: `order-${id}`, total },
      }),
    restore: (address: BasketAddress, order: RestoreBasket) =>
      baskets.change(address, {
        id: `restore/${order.orderId}`, operations: [], opens: false, pricer: pricer(), step: { kind: 'restore', ...order },
      }),
    quote: (items: QuoteRequest['items']) => new Quotes(systemRuntime).quote(pricer(), items),
    read: (address: BasketAddress) => baskets.read(address, pricer()),
    journal: (address: BasketAddress) => baskets.journal(address, { afterVersion: 0, limit: 50 }, pricer()),
    /** The committed state of the basket, without repricing. */
    state: ({ shard, ...id }: BasketAddress) =>
      host.ask(shard, actorKey(id.tenant, id.market, id.basket), ({ activation }) => activation.read((basket) => basket)),
    /** Replaces the rules in force by the reference rules and these. */
    rules: (others: readonly ActiveStrategy[], revision = rules.revision + 1) => {
      rules = createRuleSet(revision, [...referenceRules(), ...others]);
    },
    sells: (product: Product) => put(product.sku, product),
    /** Gives the market these terms. */
    configure: (terms: MarketTerms) => {
      const { revision, currency, rounding } = pricer().market;
      source.catalogue = source.catalogue.with([{ ...market, revision: revision + 1, currency, rounding, terms }]);
    },
    stopsSelling: (sku: string) => put(sku, undefined),
    tree: () => namesOf(system.observe()),
    ref: (key: string) => registry.whereis(key) as Ref,
    products: (key: string) => Object.keys(find(namesOf(system.observe()), key)?.['DynamicProductSupervisor'] ?? {}),
    process: (basket: string, sku: string) => processOf(system, basket, sku),
  };
}

function forAll(rules: RuleSet): { ruleSetFor(): RuleSet } {
  return { ruleSetFor: () => rules };
}

/** Shards that this node claims when they are first needed. */
function claimedAtOnce(journal: Journal): ActorHostOptions<LiveBasket>['shards'] {
  const leases = new Map<number, Lease>();
  return {
    accepts: () => true,
    isProven: () => true,
    async lease(shard) {
      const [row] = await journal.owners([shard]);
      const lease = leases.get(shard)?.held ? leases.get(shard) : await journal.claim(shard, row?.epoch ?? 0);
      leases.set(shard, lease as Lease);
      return lease as Lease;
    },
  };
}

function find(names: Names, id: string): Names | undefined {
  return names[id] ?? Object.values(names).map((children) => find(children, id)).find(Boolean);
}

interface Names {
  [id: string]: Names;
}

function namesOf(nodes: readonly TreeNode[]): Names {
  return Object.fromEntries(nodes.map(({ id, children }) => [id, namesOf(children)]));
}

function processOf(system: System, basket: string, sku: string): Ref {
  const node = nodeOf(nodeOf({ children: system.observe() }, basket), sku);
  const found = [...system.processes].find(({ pid }) => pid === node.pid);
  if (!found) throw new Error(`no process of ${sku} in ${basket}`);
  return found;
}

/** The first node with the id, at any depth. */
function nodeOf({ children }: Pick<TreeNode, 'children'>, id: string): TreeNode {
  const below = [...children];
  for (let node = below.shift(); node; node = below.shift()) {
    if (node.id === id) return node;
    below.push(...node.children);
  }
  throw new Error(`no node ${id}`);
}
