import {
  commit, journaledActor, later, look, type ActorAddress, type Decision, type JournaledActor, type LiveActor,
} from '@aisle/cluster';
import { MarketProtocol, actorKey, actorOf, shardOf, type DocumentReply } from '@aisle/contracts';
import type { Reply } from '@aisle/journal';
import type { MarketId, MarketRows } from '../rows/market-rows.repository.ts';
import type { OrderLookUp } from '../rows/order-look-up.ts';
import { wantsLookUp } from '../stock/stock-commands.ts';
import { orderIdOf, payloadHashOf, type Command } from './command.ts';
import type { Occasion } from './draft.ts';
import { marketBehaviour, type Outcome } from './market-behaviour.ts';
import type { MarketEvent } from './market-event.ts';
import { MarketFailure } from './market-failures.ts';
import { marketView } from './market-view.ts';
import type { Market } from './market.ts';
import type { Occasions } from './occasions.ts';
import type { Settings } from './settings.ts';

/** What a market answers to a command, once it is committed. */
export type Answer = Pick<Reply<Market, Outcome>, 'outcome' | 'replayed'>;

export type MarketActor = JournaledActor<typeof MarketProtocol, Market, Command, MarketEvent, Outcome, undefined, Occasion>;
export type LiveMarket = LiveActor<Market, Command, MarketEvent, Outcome, undefined>;
type Decided<A> = Decision<Market, Command, Outcome, undefined, A>;

/** The rows that a market is loaded from, and what its commands are given. */
export interface MarketActorOptions {
  readonly rows: Pick<MarketRows, 'load'>;
  readonly lookUp: Pick<OrderLookUp, 'of'>;
  readonly occasions: Occasions;
  /** The settings of a market that its first product makes. */
  readonly defaults: Settings;
}

// A whole market waits here: every order for any of its products.
const WAITING_MAX = 8_192;
// It saves nothing; it says how much of the journal nobody needs any more.
const SNAPSHOT_EVERY = 10_000;
const MARKET_BYTES = 20_000;
const PRODUCT_BYTES = 500;
const ORDER_BYTES = 350;

/** A market: commands are decided one after another and commit in groups; a trigger on the journal writes the rows along. */
export function marketActor({ rows, lookUp, occasions, defaults }: MarketActorOptions): MarketActor {
  return journaledActor({
    name: 'MarketServer',
    noun: 'market',
    protocol: MarketProtocol,
    behaviour: marketBehaviour,
    rows: {
      load(key) {
        const { tenant, market } = actorOf(key);
        return rows.load({ tenant, market });
      },
    },
    addressOf,
    occasion: (envelope) => occasions.of(envelope),
    handlers: {
      read: (_market, { envelope: { market: id } }) => look(({ settings }) => {
        if (!settings) throw MarketFailure.unknown(id);
        return { json: JSON.stringify(marketView(id, settings)), version: settings.version };
      }),
      configure: (market, { body, envelope: { id }, occasion }) =>
        run(market, { id, action: { kind: 'configure', ...body }, occasion, defaults }, lookUp, replyOf),
    },
    begin: () => undefined,
    bytesOf: ({ products, orders: { open, closed, closedBefore } }) =>
      MARKET_BYTES + products.size * PRODUCT_BYTES + (open.size + closed.size + closedBefore.size) * ORDER_BYTES,
    restarting: () => MarketFailure.restarting(),
    runAgain: ['stock.order_forgotten'],
    waitingMax: WAITING_MAX,
    snapshotEvery: SNAPSHOT_EVERY,
  });
}

/** A market lives where its id says, whatever else a header names. */
export function addressOf({ tenant, market }: MarketId): ActorAddress {
  const key = actorKey(tenant, market, market);
  return { shard: shardOf('market', key), key };
}

/** Runs a command once. For an order that memory does not tell of, its row is read first, and others go ahead. */
export function run<A>(
  market: Market, command: Command, lookUp: Pick<OrderLookUp, 'of'>, answer: (committed: Answer) => A,
): Decided<A> {
  const orderId = orderIdOf(command.action);
  const decided = (known = command): Decided<A> =>
    commit({ id: command.id, payloadHash: payloadHashOf(command.action), command: known }, answer);
  if (orderId === undefined || !wantsLookUp(market, orderId)) return decided();
  return later(lookUp.of(command.occasion, orderId).then((known) => decided({ ...command, known })));
}

/** The answer to a command whose outcome is a document. */
export function replyOf({ outcome, replayed }: Answer): DocumentReply {
  return { ...(outcome as DocumentReply), ...(replayed ? { replayed } : {}) };
}
