import { actorKey, type DocumentReply, type ReadJournal } from '@aisle/contracts';
import type { ActorHost, ActorKind } from '@aisle/cluster';
import { Activation, eventsOf, type Journal, type Lease } from '@aisle/journal';
import { via, type Registry } from '@aisle/registry';
import { isFailure, type Failure, type Runtime } from '@aisle/std';
import { DynamicSupervisor, isAbnormal, type Address, type Ref, type ServerExited } from '@aisle/supervision';
import { BasketMissing, BasketRestarting } from './basket-failures.ts';
import { UserBasketServer, type BasketActivation, type UserBasketProtocol } from './basket.actor.ts';
import { basketBehaviour } from './basket-behaviour.ts';
import { journalView } from './basket-view.ts';
import type { ChangeReply } from './change-reply.ts';
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

/** A basket in memory. */
export interface LiveBasket {
  readonly server: Ref<UserBasketProtocol>;
  readonly activation: BasketActivation;
}

/** Where a basket's processes live, and what they are made from. */
export interface BasketKindOptions {
  readonly journal: Journal;
  readonly registry: Registry<UserBasketProtocol, undefined>;
  /** DynamicUserBasketSupervisor. */
  readonly supervisor: Address;
  readonly runtime: Runtime;
}

/** After these nothing is certain but that asking again, under the same command id, is safe. */
const RUN_AGAIN = new Set(['journal.actor_outdated', 'journal.outcome_unknown', 'basket.plan_outdated', 'process.noproc']);
const PATIENT = { timeoutMs: 'infinity' } as const;
// Measured: a basket with its process and its supervisor, and each line with its product's process.
const BASKET_BYTES = 2_000;
const LINE_BYTES = 1_200;
const COMMAND_BYTES = 450;
// Fewer rows are replayed faster than a snapshot is written.
const SNAPSHOT_ROWS_MIN = 20;

/** How the cluster brings baskets to life and puts them to rest. */
export function basketKind({ journal, registry, supervisor, runtime }: BasketKindOptions): ActorKind<LiveBasket> {
  return {
    async start(key: string, lease: Lease, mayRead: () => boolean): Promise<LiveBasket> {
      const activation = await Activation.load({ journal, lease, actor: key, behaviour: basketBehaviour, mayRead });
      // Temporary: a basket is never restarted in place, only brought back from the journal.
      const spec = UserBasketServer.childSpec(
        { id: idOf(key), activation, runtime },
        { id: key, restart: 'temporary', name: via(registry, key) },
      );
      return { server: await DynamicSupervisor.startChild(supervisor, spec), activation };
    },
    async stop({ server, activation }: LiveBasket): Promise<void> {
      if (!activation.over && server.alive) await server.call('settle', undefined, PATIENT).catch(() => undefined);
      if (!activation.over) await activation.snapshot(SNAPSHOT_ROWS_MIN).catch(() => undefined);
      if (server.alive) await DynamicSupervisor.terminateChild(supervisor, server);
    },
    isAlive: ({ server }) => server.alive,
    bytesOf: ({ activation: { latestState, remembered } }) =>
      BASKET_BYTES + latestState.lines.size * LINE_BYTES + remembered * COMMAND_BYTES,
    mayRunAgain: ({ code }: Failure) => RUN_AGAIN.has(code),
  };
}

/** Hands commands to baskets, wherever on this node they are. */
export class Baskets {
  constructor(private readonly options: { node: Pick<ActorHost<LiveBasket>, 'ask'>; journal: Journal }) {}

  /** Runs a command once, however often it comes. Throws what the basket refuses with. */
  change(address: BasketAddress, command: Command): Promise<ChangeReply> {
    return this.ask(address, ({ server }) => server.call('change', command, PATIENT));
  }

  /** Throws `BasketMissing`. */
  read(address: BasketAddress, pricer: Pricer): Promise<DocumentReply> {
    return this.ask(address, ({ server }) => server.call('read', pricer, PATIENT));
  }

  /** A page of what was accepted, oldest first. Throws `BasketMissing`. */
  async journal(address: BasketAddress, page: ReadJournal, pricer: Pricer): Promise<DocumentReply> {
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

  private async ask<T>(address: BasketAddress, send: (basket: LiveBasket) => Promise<T>): Promise<T> {
    try {
      return await this.options.node.ask(address.shard, keyOf(address), send);
    } catch (failure) {
      if (isFailure(failure) && failure.code === 'process.exited') throw exitOf(failure as ServerExited);
      throw failure;
    }
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

/** The basket's own id, as its document shows it: the last part of its key. */
function idOf(key: string): string {
  return decodeURIComponent(key.slice(key.lastIndexOf('/') + 1));
}
