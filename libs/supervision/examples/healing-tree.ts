// A shop that heals. Run it from the root of the repository:
// node --conditions=@aisle/source --import ./tools/dev/swc-hook.mjs libs/supervision/examples/healing-tree.ts
import { sleep, systemRuntime, type Failure } from '@aisle/std';
// eslint-disable-next-line @nx/enforce-module-boundaries -- the example imports as its readers do.
import {
  DynamicSupervisor, StateKeeper, Supervisor, System, describeExit, genServer, noReply, ok, reply,
  type Address, type DynamicSupervisorProtocol, type Ref, type StateKeeperProtocol, type TreeNode,
} from '@aisle/supervision';

// --- three servers

interface PricingProtocol {
  call: { price(sku: string): number };
}

/** Returns prices. Its bug: it crashes on bananas. */
const Pricing = genServer<PricingProtocol, ReadonlyMap<string, number>>({
  name: 'Pricing',
  init: () => ok(new Map([['apple', 30], ['bread', 250]])),
  handleCall: {
    price: (prices, sku) => {
      if (sku === 'banana') throw new TypeError('cannot read the price of a banana');
      return reply(prices.get(sku) ?? 0, prices);
    },
  },
});

interface TillProtocol {
  call: { takings(): number };
  cast: { take(amount: number): void };
}

/** Counts money. The state keeper holds the total, so it survives a crash of the till. */
const Till = genServer<TillProtocol, { total: number }, Address<StateKeeperProtocol>>({
  name: 'Till',
  async init(keeper, ctx) {
    const kept = await StateKeeper.take<{ total: number }>(ctx, keeper, 'till');
    const drawer = kept ?? { total: 0 };
    if (!kept) await StateKeeper.give(ctx, keeper, 'till', drawer);
    return ok(drawer);
  },
  handleCall: { takings: (drawer) => reply(drawer.total, drawer) },
  handleCast: {
    take: (drawer, amount) => {
      drawer.total += amount;
      return noReply(drawer);
    },
  },
});

interface CustomerProtocol {
  call: { buy(sku: string): string };
}

const Customer = genServer<CustomerProtocol, Address<PricingProtocol>, Address<PricingProtocol>>({
  name: 'Customer',
  init: (pricing) => ok(pricing),
  handleCall: {
    buy: async (pricing, sku, _from, ctx) => {
      const price = await ctx.call(pricing, 'price', sku);
      till.cast('take', price);
      return reply(`bought ${sku} for ${price}`, pricing);
    },
  },
});

// --- the tree, as data

const say: (line: string) => void = console.log;
const system = new System(systemRuntime, {
  hooks: {
    onCrash: ({ ref, reason }) => say(`  ! ${ref.label} crashed: ${describeExit(reason)}`),
    onSupervisor: ({ kind, supervisor, id }) => say(`  ! ${supervisor.label}: ${kind} (${id})`),
  },
});
const root = await system.start(
  // The keeper comes first, so that its values survive all later children. The customers come last, because they use
  // the others.
  Supervisor.childSpec(
    {
      strategy: 'rest_for_one',
      children: [
        StateKeeper.childSpec({}, { id: 'keeper' }),
        Till.childSpec(system.address('shop/keeper'), { id: 'till' }),
        Pricing.childSpec(undefined, { id: 'pricing' }),
        DynamicSupervisor.childSpec({}, { id: 'customers' }),
      ],
    },
    { id: 'shop' },
  ),
);

// An address follows its process through restarts; a ref is one incarnation.
const till = system.address<TillProtocol>('shop/till');
const pricing = system.address<PricingProtocol>('shop/pricing');
const customers = system.address<DynamicSupervisorProtocol>('shop/customers');
const open = (): Promise<Ref<CustomerProtocol>> =>
  DynamicSupervisor.startChild(customers, Customer.childSpec(pricing, { restart: 'temporary' }));

// --- the story

say('The shop opens.');
show(system.observe());

say('\nA customer comes, and buys an apple and some bread.');
const alice = await open();
say(`  ${await alice.call('buy', 'apple')}, ${await alice.call('buy', 'bread')}`);
say(`  in the till: ${await till.call('takings')}`);

say('\nThen a banana. Pricing has a bug, and crashes. It and what starts after it begin anew; the till stays.');
await alice.call('buy', 'banana').catch((failure: Failure) => say(`  alice is told: ${failure.code}`));
await healed(pricing);
show(system.observe());

say('\nThe next customer notices nothing.');
const bob = await open();
say(`  ${await bob.call('buy', 'apple')}, in the till: ${await till.call('takings')}`);

say('\nSomebody kills the till. Its drawer was in the keeper, and the new till takes it back.');
till.whereis()?.exit('kill');
await healed(till);
say(`  in the till: ${await till.call('takings')}`);

say('\nBananas again and again: four restarts in five seconds are one too many, and the shop gives up.');
for (let tries = 0; tries < 2; tries += 1) {
  await healed(pricing);
  await pricing.call('price', 'banana').catch(() => undefined);
}
say(`The shop is closed: ${describeExit(await root.whenDown())}. ${system.processCount} processes are left.`);

/** Waits until a process lives at the address. */
async function healed(address: Address): Promise<void> {
  await sleep(systemRuntime, 10);
  while (root.alive && !address.whereis()) await sleep(systemRuntime, 10);
}

function show(nodes: readonly TreeNode[], indent = '  '): void {
  for (const { id, server, pid, restarts, children } of nodes) {
    say(`${indent}${id} (${server} #${pid}${restarts ? `, restarted ${restarts}x` : ''})`);
    show(children, `${indent}  `);
  }
}
