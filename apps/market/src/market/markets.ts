import type { ActorHost, ActorKind } from '@aisle/cluster';
import { actorKey, actorOf, shardOf } from '@aisle/contracts';
import { Activation, type Journal, type Lease } from '@aisle/journal';
import { via, type Registry } from '@aisle/registry';
import { isFailure, type Clock, type Failure } from '@aisle/std';
import { DynamicSupervisor, isAbnormal, type Address, type Ref, type ServerExited } from '@aisle/supervision';
import type { MarketId, MarketRows } from '../rows/market-rows.repository.ts';
import type { OrderLookUp } from '../rows/order-look-up.ts';
import type { Action } from './command.ts';
import { MarketRestarting } from './market-failures.ts';
import { MarketServer, type Answer, type MarketActivation, type MarketProtocol } from './market.actor.ts';
import { marketBehaviour } from './market-behaviour.ts';
import type { Market } from './market.ts';
import type { Settings } from './settings.ts';

/** A market in memory. */
export interface LiveMarket {
  readonly server: Ref<MarketProtocol>;
  /** There once it has loaded itself. */
  readonly loaded: { activation?: MarketActivation };
}

/** Where the markets' processes live, and what they are made from. */
export interface MarketKindOptions {
  readonly journal: Journal;
  readonly rows: Pick<MarketRows, 'load'>;
  readonly lookUp: OrderLookUp;
  readonly registry: Registry<MarketProtocol, undefined>;
  /** DynamicMarketSupervisor. */
  readonly supervisor: Address;
}

/** After these nothing is certain but that asking again, under the same command id, is safe. */
const RUN_AGAIN = new Set(['journal.actor_outdated', 'journal.outcome_unknown', 'stock.order_forgotten', 'process.noproc']);
const PATIENT = { timeoutMs: 'infinity' } as const;
// A whole market waits here: every order for any of its products.
const WAITING_MAX = 8_192;
// It saves nothing; it says how much of the journal nobody needs any more.
const SNAPSHOT_EVERY = 10_000;
const MARKET_BYTES = 20_000;
const PRODUCT_BYTES = 500;
const ORDER_BYTES = 350;

/** How the cluster brings markets to life and puts them to rest. */
export function marketKind({ journal, rows, lookUp, registry, supervisor }: MarketKindOptions): ActorKind<LiveMarket> {
  return {
    async start(key: string, lease: Lease, mayRead: () => boolean): Promise<LiveMarket> {
      const { tenant, market } = actorOf(key);
      const id = { tenant, market };
      const loaded: LiveMarket['loaded'] = {};
      const load = async (): Promise<MarketActivation> => {
        loaded.activation = await Activation.load({
          journal, lease, actor: key, behaviour: marketBehaviour, mayRead, loadState: () => rows.load(id),
          waitingMax: WAITING_MAX, snapshotEvery: SNAPSHOT_EVERY,
        });
        return loaded.activation;
      };
      // Temporary: a market is never restarted in place, only brought back from its rows.
      const spec = MarketServer.childSpec(
        { load, lookUp: (orderId) => lookUp.of(id, orderId) },
        { id: key, restart: 'temporary', name: via(registry, key) },
      );
      return { server: await DynamicSupervisor.startChild(supervisor, spec), loaded };
    },
    async stop({ server }: LiveMarket): Promise<void> {
      if (server.alive) await DynamicSupervisor.terminateChild(supervisor, server);
    },
    isAlive: ({ server }) => server.alive,
    bytesOf: ({ loaded: { activation } }) => MARKET_BYTES + (activation ? bytesOf(activation.latestState) : 0),
    mayRunAgain: ({ code }: Failure) => RUN_AGAIN.has(code),
  };
}

function bytesOf({ products, orders: { open, closed, closedBefore } }: Market): number {
  return products.size * PRODUCT_BYTES + (open.size + closed.size + closedBefore.size) * ORDER_BYTES;
}

/** What the facade of the markets is made of. */
export interface MarketsOptions {
  readonly node: Pick<ActorHost<LiveMarket>, 'ask'>;
  readonly clock: Clock;
  /** What a market begins with that its first product makes. */
  readonly defaults: Settings;
}

/** Hands commands to markets, wherever on this node they are. */
export class Markets {
  private day = { fromMs: 0, today: '' };

  constructor(private readonly options: MarketsOptions) {}

  /** Runs a command once, however often it comes. Throws what the market refuses with. */
  run(id: MarketId, { id: commandId, traceparent }: { id: string; traceparent: string }, action: Action): Promise<Answer> {
    const { clock, defaults } = this.options;
    const nowMs = clock.nowMs();
    const occasion = { ...id, now: { nowMs, today: this.dayOf(nowMs) }, traceparent };
    return this.ask(id, ({ server }) => server.call('run', { id: commandId, action, occasion, defaults }, PATIENT));
  }

  /** What is committed of a market, as of now. */
  read<T>(id: MarketId, look: (market: Market) => T): Promise<T> {
    return this.ask(id, ({ server }) => server.call('read', look, PATIENT)) as Promise<T>;
  }

  /** Today, by UTC. */
  get today(): string {
    return this.dayOf(this.options.clock.nowMs());
  }

  private async ask<T>({ tenant, market }: MarketId, send: (market: LiveMarket) => Promise<T>): Promise<T> {
    const key = actorKey(tenant, market, market);
    try {
      return await this.options.node.ask(shardOf('market', key), key, send);
    } catch (failure) {
      if (isFailure(failure) && failure.code === 'process.exited') throw exitOf(failure as ServerExited);
      throw failure;
    }
  }

  private dayOf(nowMs: number): string {
    const fromMs = nowMs - (nowMs % DAY_MS);
    if (fromMs !== this.day.fromMs) this.day = { fromMs, today: new Date(nowMs).toISOString().slice(0, 10) };
    return this.day.today;
  }
}

const DAY_MS = 24 * 60 * 60 * 1_000;

// A crash is a bug, and is answered as one; any other end is on the way to a new beginning.
function exitOf(failure: ServerExited): Error {
  return isAbnormal(failure.reason) ? new Error('the market crashed', { cause: failure }) : new MarketRestarting();
}
