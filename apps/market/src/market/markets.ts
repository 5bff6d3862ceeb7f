import { Actors, look, type ActorHost, type ActorsOf, type Route } from '@aisle/cluster';
import type { MarketId } from '../rows/market-rows.repository.ts';
import type { OrderLookUp } from '../rows/order-look-up.ts';
import type { Action } from './command.ts';
import { addressOf, run, type Answer, type LiveMarket, type MarketActor } from './market.actor.ts';
import type { Market } from './market.ts';
import type { Occasions } from './occasions.ts';
import type { Settings } from './settings.ts';

/** The node and the actor of the markets. */
export interface MarketsOptions {
  readonly node: Pick<ActorHost<LiveMarket>, 'ask'>;
  readonly actor: MarketActor;
  readonly lookUp: Pick<OrderLookUp, 'of'>;
  readonly occasions: Occasions;
  /** As of `MarketActorOptions`. */
  readonly defaults: Settings;
}

/** Hands commands to markets, wherever on this node they are. */
export class Markets {
  /** The messages that markets answer themselves. */
  readonly routes: ReadonlyMap<string, Route>;
  private readonly actors: ActorsOf<MarketActor>;

  constructor(private readonly options: MarketsOptions) {
    this.actors = new Actors(options.node, options.actor);
    this.routes = this.actors.routes();
  }

  /** Runs a command once, however often it comes. Throws what the market refuses with. */
  run(market: MarketId, { id, traceparent }: { id: string; traceparent: string }, action: Action): Promise<Answer> {
    const { occasions, defaults, lookUp } = this.options;
    const command = { id, action, occasion: occasions.of({ ...market, traceparent }), defaults };
    return this.actors.ask(addressOf(market), (state) =>
      run(state, command, lookUp, ({ outcome, replayed }) => ({ outcome, replayed })));
  }

  /** What is committed of a market, as of now. */
  read<T>(market: MarketId, seen: (market: Market) => T): Promise<T> {
    return this.actors.ask(addressOf(market), () => look(seen));
  }

  /** Today, by UTC. */
  get today(): string {
    return this.options.occasions.today;
  }
}
