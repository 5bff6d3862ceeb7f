import type { StockLine } from '@aisle/contracts';
import type { AnyEvent } from '@aisle/events';
import { errorFields, traceIdOf, type Logger } from '@aisle/telemetry';
import type { Change, OrderAddress, StandingOrder } from '../order/change-set.ts';
import type { OrderChanges } from '../order/order-changes.ts';
import { follow, giveUpFulfilling, timeOut, type OrderStep, type StockFact } from '../order/order.ts';
import type { OrdersRepository } from '../order/orders.repository.ts';
import type { MarketStock, StockAnswer } from './market-stock.ts';

export interface StockFollowerOptions {
  readonly repository: Pick<OrdersRepository, 'standing'>;
  readonly changes: OrderChanges;
  readonly market: Pick<MarketStock, 'ask'>;
  readonly logger: Logger;
}

interface Said extends OrderAddress {
  readonly fact: StockFact;
  readonly missing?: readonly StockLine[];
}

/**
 * Follows what becomes of orders' stock: what inventory and the markets tell, and what the markets answer when they are
 * asked to go on. Everything is done for many orders at once, and nothing is done twice by being told twice.
 */
export class StockFollower {
  constructor(private readonly options: StockFollowerOptions) {}

  /** Events of the topic `inventory`. */
  async inventorySaid(events: readonly AnyEvent[]): Promise<void> {
    const said = events.flatMap(saidByInventory);
    const reserved = said.filter(({ fact }) => fact === 'reserved');
    // The market is asked before anything is written: one transaction then takes an order from PENDING to CONFIRMED.
    // Whoever dies in between is given the event again, and asks again.
    const standing = await this.options.repository.standing(reserved);
    const answered = await this.askAll(standing.filter(wantsStock).map((order) => ({ order, step: 'commit' })));
    await this.options.changes.change([...said.map(toFollow), ...answered]);
  }

  /** Events of the topic `markets`. */
  async marketsSaid(events: readonly AnyEvent[]): Promise<void> {
    await this.options.changes.change(events.flatMap(saidByMarkets).map(toFollow));
  }

  /** Orders that are due: nobody has decided about them for too long, or the market has not answered. */
  async resume(orders: readonly StandingOrder[]): Promise<void> {
    const silent = orders.filter(({ step }) => step === null);
    const outcomes = await this.options.changes.change(silent.map(({ tenant, id }) => ({ tenant, id, to: timeOut })));
    const timedOut = outcomes.flatMap((outcome) => (outcome && 'after' in outcome ? [outcome.after] : []));
    const asked = [...timedOut, ...orders].flatMap((order) => (order.step === null ? [] : [{ order, step: order.step }]));
    await this.options.changes.change(await this.askAll(asked));
  }

  /** Asks the market to do what an order wants, and follows its answer. */
  async take(order: StandingOrder, step: OrderStep): Promise<{ answer: StockAnswer; after: StandingOrder }> {
    const answer = await this.options.market.ask(step, order);
    const [outcome] = await this.options.changes.change([this.changeBy(order, step, answer)].flat());
    return { answer, after: outcome && 'after' in outcome ? outcome.after : order };
  }

  private async askAll(orders: readonly { order: StandingOrder; step: OrderStep }[]): Promise<Change[]> {
    const changes = orders.map(async ({ order, step }) =>
      this.changeBy(order, step, await this.options.market.ask(step, order)));
    return (await Promise.all(changes)).flat();
  }

  private changeBy(order: StandingOrder, step: OrderStep, answer: StockAnswer): Change[] {
    const { tenant, id, traceparent } = order;
    if ('fact' in answer) return [toFollow({ tenant, id, fact: answer.fact })];
    const fields = { orderId: id, step, traceId: traceIdOf(traceparent) };
    if ('refused' in answer) {
      // To hand goods out that have expired is the one thing that a market may refuse for good.
      if (step === 'fulfil') return [{ tenant, id, to: giveUpFulfilling }];
      this.options.logger.error('market refused a step', { ...fields, ...errorFields(answer.refused) });
    } else {
      this.options.logger.warn('market did not answer', { ...fields, ...errorFields(answer.unanswered) });
    }
    return [];
  }
}

/** Whoever is on the way back, or at an end, wants no stock any more. */
function wantsStock({ status, step }: StandingOrder): boolean {
  return (status === 'PENDING' || status === 'RESERVED') && (step === null || step === 'commit');
}

function toFollow({ tenant, id, fact, missing }: Said): Change {
  return { tenant, id, to: (order) => follow(order, fact), ...(missing ? { missing } : {}) };
}

function saidByInventory({ type, tenant, data }: AnyEvent): Said[] {
  if (type === 'InventoryUpdated') return [{ tenant, id: data.orderId, fact: 'reserved', missing: data.missing }];
  // `released`: this app released it before it was reserved, and is told why by the market's answer to that.
  if (type !== 'InventoryRejected' || data.reason === 'released') return [];
  return [{ tenant, id: data.orderId, fact: data.reason }];
}

function saidByMarkets({ type, tenant, data }: AnyEvent): Said[] {
  return type === 'ReservationExpired' ? [{ tenant, id: data.orderId, fact: 'expired' }] : [];
}
