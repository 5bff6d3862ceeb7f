import { actorKey, type BasketReply, type ReadJournal } from '@aisle/contracts';
import type { ShardClaims } from '@aisle/cluster';
import { Activation, eventsOf, type Journal, type Lease } from '@aisle/journal';
import { via, type Registry } from '@aisle/registry';
import { isFailure } from '@aisle/std';
import { DynamicSupervisor, isAbnormal, type Address, type Ref, type ServerExited } from '@aisle/supervision';
import { BasketMissing, BasketRestarting } from './basket-failures.ts';
import { UserBasketServer, type UserBasketProtocol } from './basket.actor.ts';
import { basketBehaviour } from './basket-behaviour.ts';
import { journalView } from './basket-view.ts';
import type { Command } from './command.ts';
import type { Pricer } from '../pricing/pricer.ts';
import type { StoredEvent } from './stored-event.ts';

/** Which basket, and the shard that a manager found for it. */
export interface BasketAddress {
  readonly tenant: string;
  readonly market: string;
  readonly basket: string;
  readonly shard: number;
}

export interface BasketsOptions {
  readonly journal: Journal;
  readonly shards: ShardClaims;
  readonly registry: Registry<UserBasketProtocol, undefined>;
  /** DynamicUserBasketSupervisor. */
  readonly supervisor: Address;
}

type BasketRef = Ref<UserBasketProtocol>;

/** After these nothing is certain but that asking again, under the same command id, is safe. */
const RUN_AGAIN = new Set(['journal.actor_outdated', 'journal.outcome_unknown', 'basket.plan_outdated', 'process.noproc']);
const RUNS_MAX = 3;
const PATIENT = { timeoutMs: 'infinity' } as const;

/** Finds the process of a basket, or brings the basket back from the journal, and hands it commands. */
export class Baskets {
  private readonly activating = new Map<string, Promise<BasketRef>>();

  constructor(private readonly options: BasketsOptions) {}

  /** Runs a command once, however often it comes. Throws what the basket refuses with. */
  change(address: BasketAddress, command: Command): Promise<BasketReply> {
    return this.ask(address, (basket) => basket.call('change', command, PATIENT));
  }

  /** Throws `BasketMissing`. */
  read(address: BasketAddress, pricer: Pricer): Promise<BasketReply> {
    return this.ask(address, (basket) => basket.call('read', pricer, PATIENT));
  }

  /** A page of what was accepted, oldest first. Throws `BasketMissing`. */
  async journal(address: BasketAddress, page: ReadJournal, pricer: Pricer): Promise<BasketReply> {
    const { shard } = address;
    const actor = keyOf(address);
    const rows = await this.options.journal.history({ shard, actor }, page.afterVersion, page.limit);
    if (rows.length === 0 && page.afterVersion === 0) throw new BasketMissing();
    const entries = rows.flatMap((row) =>
      eventsOf<StoredEvent>(row).map((event) => ({ version: row.seq, commandId: row.commandId, event })),
    );
    const next = rows.length < page.limit ? null : String(rows.at(-1)?.seq);
    const view = journalView(entries, pricer.market.currency, next);
    return { json: JSON.stringify(view), version: rows.at(-1)?.seq ?? page.afterVersion };
  }

  private async ask<T>(address: BasketAddress, send: (basket: BasketRef) => Promise<T>): Promise<T> {
    for (let run = 1; ; run += 1) {
      const basket = this.options.registry.whereis(keyOf(address)) ?? (await this.activate(address));
      try {
        return await send(basket);
      } catch (failure) {
        const code = isFailure(failure) ? failure.code : '';
        if (run < RUNS_MAX && RUN_AGAIN.has(code)) continue;
        if (code === 'process.exited') throw exitOf(failure as ServerExited);
        throw failure;
      }
    }
  }

  private activate(address: BasketAddress): Promise<BasketRef> {
    const key = keyOf(address);
    let activation = this.activating.get(key);
    if (!activation) {
      activation = this.bringBack(address, key).finally(() => this.activating.delete(key));
      this.activating.set(key, activation);
    }
    return activation;
  }

  private async bringBack({ shard, basket }: BasketAddress, key: string): Promise<BasketRef> {
    const { journal, shards, registry, supervisor } = this.options;
    const lease: Lease = shards.held(shard) ?? (await shards.claim(shard));
    const activation = await Activation.load({ journal, lease, actor: key, behaviour: basketBehaviour });
    // Temporary: a basket is never restarted in place, only brought back from the journal.
    const spec = UserBasketServer.childSpec(
      { id: basket, activation },
      { id: key, restart: 'temporary', name: via(registry, key) },
    );
    return DynamicSupervisor.startChild(supervisor, spec);
  }
}

// A crash is a bug, and is answered as one; any other end is on the way to a new beginning.
function exitOf(failure: ServerExited): Error {
  return isAbnormal(failure.reason)
    ? new Error('the basket crashed', { cause: failure })
    : new BasketRestarting();
}

function keyOf({ tenant, market, basket }: BasketAddress): string {
  return actorKey(tenant, market, basket);
}
