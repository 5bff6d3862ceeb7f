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
import { marketBehaviour, type MarketOutcome } from './market-behaviour.ts';
import type { MarketEvent } from './market-event.ts';
import { MarketFailure } from './market-failures.ts';
import { marketView } from './market-view.ts';
import type { Market } from './market.ts';
import type { Occasions } from './occasions.ts';
import type { Settings } from './settings.ts';

/** The answer to a committed command. */
export type MarketAnswer = Pick<Reply<Market, MarketOutcome>, 'outcome' | 'replayed'>;

export type MarketActor = JournaledActor<typeof MarketProtocol, Market, Command, MarketEvent, MarketOutcome, undefined, Occasion>;
export type LiveMarket = LiveActor<Market, Command, MarketEvent, MarketOutcome, undefined>;
type Decided<A> = Decision<Market, Command, MarketOutcome, undefined, A>;

/** The parts that a market actor uses. */
export interface MarketActorOptions {
  readonly rows: Pick<MarketRows, 'load'>;
  readonly lookUp: Pick<OrderLookUp, 'of'>;
  readonly occasions: Occasions;
  /** The settings of a market that is created by its first product. */
  readonly defaults: Settings;
}

// Every order for any product of the market waits in this one queue.
const WAITING_MAX = 8_192;
// A market saves no snapshot. The interval only bounds the journal that must be kept.
const SNAPSHOT_EVERY = 10_000;
const MARKET_BYTES = 20_000;
const PRODUCT_BYTES = 500;
const ORDER_BYTES = 350;

/**
 * Declares the market actor. Commands are decided one after another and commit in groups; a trigger on the journal writes the
 * rows in the same commit.
 */
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

/** The address of a market. It follows from the market's id alone, whatever actor and shard a header names. */
export function addressOf({ tenant, market }: MarketId): ActorAddress {
  const key = actorKey(tenant, market, market);
  return { shard: shardOf('market', key), key };
}

/** Decides a command. If its order may have left memory, the order's row is read first, and other commands overtake this one. */
export function run<A>(
  market: Market, command: Command, lookUp: Pick<OrderLookUp, 'of'>, answer: (committed: MarketAnswer) => A,
): Decided<A> {
  const orderId = orderIdOf(command.action);
  const decided = (known = command): Decided<A> =>
    commit({ id: command.id, payloadHash: payloadHashOf(command.action), command: known }, answer);
  if (orderId === undefined || !wantsLookUp(market, orderId)) return decided();
  return later(lookUp.of(command.occasion, orderId).then((known) => decided({ ...command, known })));
}

/** The answer to a command whose outcome is a document. */
export function replyOf({ outcome, replayed }: MarketAnswer): DocumentReply {
  return { ...(outcome as DocumentReply), ...(replayed ? { replayed } : {}) };
}
