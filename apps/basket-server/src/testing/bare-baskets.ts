import { actorKey, type Basket as Document, type DocumentReply, type Operation } from '@aisle/contracts';
import { Activation, Journal, JournalTail, type TailConsumer } from '@aisle/journal';
import type { MemoryJournal } from '@aisle/journal/testing';
import { createRuleSet, referenceRules } from '@aisle/pricing';
import type { Clock, Runtime } from '@aisle/std';
import { basketBehaviour, type BasketOutcome, type PlannedCommand, type PricedChoice } from '../basket/basket-behaviour.ts';
import { changeReply, type ChangeReply } from '../basket/change-reply.ts';
import type { Basket } from '../basket/basket.ts';
import { payloadHashOf, wantedBy, type Command } from '../basket/command.ts';
import type { StoredEvent } from '../basket/stored-event.ts';
import { Catalogue } from '../catalogue/catalogue.ts';
import type { Absorb } from '../merge/merger.ts';
import { Prices } from '../pricing/prices.ts';
import { seedChanges } from './seed-changes.ts';

/** The address of a basket. All baskets of a test are in one shard. */
export interface BareAddress {
  readonly tenant: string;
  readonly market: string;
  readonly basket: string;
  readonly shard: number;
}

export function addressed(basket: string): BareAddress {
  return { tenant: 'default', market: 'm1', basket, shard: 7 };
}

type Loaded = Activation<Basket, PlannedCommand, StoredEvent, BasketOutcome>;

/** A runtime whose clock can be set ahead. */
export function aheadOf(runtime: Runtime): Runtime & { clock: Clock & { aheadMs: number } } {
  const clock = {
    aheadMs: 0,
    nowMs: () => runtime.clock.nowMs() + clock.aheadMs,
    monotonicMs: () => runtime.clock.monotonicMs() + clock.aheadMs,
  };
  return { ...runtime, clock };
}

/** The baskets of one server without their processes. Rules, prices and journal are the real ones. */
export class BareBaskets {
  readonly journal: Journal;
  readonly prices: Prices;
  private readonly loaded = new Map<string, Promise<Loaded>>();
  private commands = 0;

  constructor(
    memory: MemoryJournal,
    private readonly incarnation: string,
    private readonly runtime: Runtime,
  ) {
    this.journal = new Journal({ storage: memory.storage(incarnation), runtime });
    const catalogue = Catalogue.empty.with(seedChanges());
    const rules = createRuleSet(1, referenceRules());
    this.prices = new Prices({ ruleSetFor: () => rules }, { catalogue }, runtime.clock);
  }

  async change(address: BareAddress, sent: Command): Promise<ChangeReply> {
    const activation = await this.load(address);
    const command = { ...sent, pricer: sent.pricer.notBefore(activation.latestState.updatedAtMs) };
    const priced = new Map<string, PricedChoice>();
    const held = activation.latestState.lines;
    try {
      for (const [sku, choice] of wantedBy(activation.latestState, command)) {
        if (choice.quantity > 0) priced.set(sku, { choice, line: await command.pricer.line(sku, choice, held.get(sku)) });
      }
    } catch {
      // The decision below refuses it as well.
    }
    const submission = { id: command.id, payloadHash: payloadHashOf(command), command: { ...command, priced } };
    return changeReply(address.basket, command, await activation.submit(submission));
  }

  /** Delivers `absorb` to the other basket of a merge, which is on the same server. */
  readonly absorb: Absorb = (target, id, { ifMatch, ...lines }) => {
    const pricer = this.prices.at(target, target.basket);
    const step = { kind: 'absorb', ...lines } as const;
    return this.change({ ...target, shard: 7 }, { id, operations: [], opens: false, ifMatch, pricer, step });
  };

  /** Applies operations under a new id, unless one is given. */
  async apply(basket: string, operations: Operation[], id?: string): Promise<ChangeReply> {
    this.commands += 1;
    const address = addressed(basket);
    const pricer = this.prices.at(address, basket);
    return this.change(address, {
      id: id ?? `${this.incarnation}-${this.commands}`, operations, opens: operations.length === 0, pricer,
    });
  }

  async state(basket: string): Promise<Basket> {
    return (await this.load(addressed(basket))).read((state) => state);
  }

  async quantities(basket: string): Promise<Record<string, number>> {
    const { lines } = await this.state(basket);
    return Object.fromEntries([...lines.values()].map(({ sku, quantity }) => [sku, quantity]));
  }

  /** A journal tail for one consumer. It reads only when `pass` is called. */
  tailFor(consumer: TailConsumer, failures: unknown[] = []): JournalTail {
    const { journal } = this;
    const onFailed = (failure: unknown): void => void failures.push(failure);
    return new JournalTail({
      consumers: [consumer], journal, heldShards: () => [7], runtime: this.runtime, everyMs: 1_000, onFailed,
    });
  }

  private load({ tenant, market, basket, shard }: BareAddress): Promise<Loaded> {
    const actor = actorKey(tenant, market, basket);
    const known = this.loaded.get(actor);
    if (known) return known;
    const loading = this.lease(shard).then((lease) =>
      Activation.load({ journal: this.journal, lease, actor, behaviour: basketBehaviour }),
    );
    this.loaded.set(actor, loading);
    return loading;
  }

  private claimed: ReturnType<BareBaskets['claim']> | undefined;

  private lease(shard: number): ReturnType<BareBaskets['claim']> {
    this.claimed ??= this.claim(shard);
    return this.claimed;
  }

  private async claim(shard: number): Promise<NonNullable<Awaited<ReturnType<Journal['claim']>>>> {
    const [owner] = await this.journal.owners([shard]);
    const lease = await this.journal.claim(shard, owner?.epoch ?? 0);
    if (!lease) throw new Error('the shard was claimed by another');
    return lease;
  }
}

export function quantitiesIn({ json }: DocumentReply): Record<string, number> {
  const { lines } = JSON.parse(json) as Document;
  return Object.fromEntries(lines.map(({ sku, quantity }) => [sku, quantity]));
}
