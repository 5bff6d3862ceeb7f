import { Actors, look, type ActorHost, type ActorsOf, type Route } from '@aisle/cluster';
import type { MarketId } from '../rows/market-rows.repository.ts';
import type { OrderLookUp } from '../rows/order-look-up.ts';
import type { Action } from './command.ts';
import { addressOf, run, type MarketAnswer, type LiveMarket, type MarketActor } from './market.actor.ts';
import type { Market } from './market.ts';
import type { Occasions } from './occasions.ts';
import { businessDay, type Settings } from './settings.ts';
import type { Now } from '../stock/order-stock.ts';

/** The node and the actor of the markets. */
export interface MarketsOptions {
  readonly node: Pick<ActorHost<LiveMarket>, 'ask'>;
  readonly actor: MarketActor;
  readonly lookUp: Pick<OrderLookUp, 'of'>;
  readonly occasions: Occasions;
  /** As in `MarketActorOptions`. */
  readonly defaults: Settings;
}

/** Sends commands to the markets of this node. */
export class Markets {
  /** Handlers of the messages that markets answer themselves. */
  readonly routes: ReadonlyMap<string, Route>;
  private readonly actors: ActorsOf<MarketActor>;

  constructor(private readonly options: MarketsOptions) {
    this.actors = new Actors(options.node, options.actor);
    this.routes = this.actors.routes();
  }

  /** Runs a command, which takes effect once, however often it is sent. Throws the market's refusals. */
  run(market: MarketId, { id, by, traceparent }: { id: string; by: string; traceparent: string }, action: Action): Promise<MarketAnswer> {
    const { occasions, defaults, lookUp } = this.options;
    const command = { id, action, occasion: occasions.of({ ...market, by, traceparent }), defaults };
    return this.actors.ask(addressOf(market), (state) =>
      run(state, command, lookUp, ({ outcome, replayed }) => ({ outcome, replayed })));
  }

  /** Reads the committed state of a market. */
  read<T>(market: MarketId, seen: (market: Market) => T): Promise<T> {
    return this.actors.ask(addressOf(market), () => look(seen));
  }

  /** The present instant, with its date in UTC. */
  get now(): Now {
    return this.options.occasions.now;
  }

  /** The present business day of a market. */
  todayIn({ settings }: Pick<Market, 'settings'>): string {
    const { nowMs, today } = this.now;
    return businessDay(settings, nowMs, today);
  }
}
