import { Actors, type ActorHost, type ActorsOf, type Route } from '@aisle/cluster';
import { actorKey, type DocumentReply, type ReadJournal } from '@aisle/contracts';
import { eventsOf, type Journal } from '@aisle/journal';
import { change, read, type BasketActor, type LiveBasket } from './basket.actor.ts';
import { BasketFailure } from './basket-failures.ts';
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

/** The node, the actor and the journal of the baskets. */
export interface BasketsOptions {
  readonly node: Pick<ActorHost<LiveBasket>, 'ask'>;
  readonly actor: BasketActor;
  readonly journal: Pick<Journal, 'history'>;
}

/** Hands commands to baskets, wherever on this node they are. */
export class Baskets {
  /** The messages that baskets answer themselves. */
  readonly routes: ReadonlyMap<string, Route>;
  private readonly actors: ActorsOf<BasketActor>;
  private readonly history: BasketsOptions['journal'];

  constructor({ node, actor, journal }: BasketsOptions) {
    this.actors = new Actors(node, actor);
    this.routes = this.actors.routes();
    this.history = journal;
  }

  /** Runs a command once, however often it comes. Throws what the basket refuses with. */
  change(address: BasketAddress, command: Command): Promise<ChangeReply> {
    return this.actors.ask(placeOf(address), (basket, actor) => change(basket, command, actor));
  }

  /** Throws `BasketFailure.missing`. */
  read(address: BasketAddress, pricer: Pricer): Promise<DocumentReply> {
    return this.actors.ask(placeOf(address), (basket, actor) => read(basket, pricer, actor));
  }

  /** A page of what was accepted, oldest first. Throws `BasketFailure.missing`. */
  async journal(address: BasketAddress, page: ReadJournal, pricer: Pricer): Promise<DocumentReply> {
    const { shard, key: actor } = placeOf(address);
    const rows = await this.history.history({ shard, actor }, page.afterVersion, page.limit);
    if (rows.length === 0 && page.afterVersion === 0) throw BasketFailure.missing();
    const entries = rows.flatMap((row) =>
      eventsOf<StoredEvent>(row).map((event) => ({ version: row.seq, commandId: row.commandId, event })),
    );
    const next = rows.length < page.limit ? null : String(rows.at(-1)?.seq);
    const view = journalView(entries, pricer.market.currency, next);
    return { json: JSON.stringify(view), version: rows.at(-1)?.seq ?? page.afterVersion };
  }
}

function placeOf({ shard, tenant, market, basket }: BasketAddress): { shard: number; key: string } {
  return { shard, key: actorKey(tenant, market, basket) };
}
