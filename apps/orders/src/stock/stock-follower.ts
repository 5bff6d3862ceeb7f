import type { StockLine } from '@aisle/contracts';
import type { AnyEvent } from '@aisle/events';
import type { Change, OrderAddress, StandingOrder } from '../order/change-set.ts';
import type { OrderChanges } from '../order/order-changes.ts';
import { follow, marked, short, type StockFact } from '../order/order.ts';
import type { OrdersRepository } from '../order/orders.repository.ts';
import type { OrderSteps } from '../steps/order-steps.ts';

export interface StockFollowerOptions {
  readonly repository: Pick<OrdersRepository, 'standing'>;
  readonly changes: OrderChanges;
  readonly steps: Pick<OrderSteps, 'ask' | 'goOn'>;
}

interface Said extends OrderAddress {
  /** `short`: what is reserved is not all of it. */
  readonly fact: StockFact | 'short';
  readonly missing?: readonly StockLine[];
}

/**
 * Follows what becomes of orders' stock, as inventory and the markets tell. Everything is done for many orders at once, and
 * nothing is done twice by being told twice.
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
    const answered = await this.options.steps.ask(standing.filter(wantsStock).map((order) => ({ order, step: 'commit' })));
    await this.change([...said.map(toFollow), ...answered]);
  }

  /** Events of the topic `markets`. */
  async marketsSaid(events: readonly AnyEvent[]): Promise<void> {
    await this.change(events.flatMap(changesByMarkets));
  }

  private async change(changes: readonly Change[]): Promise<void> {
    this.options.steps.goOn(await this.options.changes.change(changes));
  }
}

/** Whoever is on the way back, or at an end, wants no stock any more. */
function wantsStock({ status, step }: StandingOrder): boolean {
  return (status === 'PENDING' || status === 'RESERVED') && (step === null || step === 'commit');
}

function toFollow({ tenant, id, fact, missing }: Said): Change {
  const to: Change['to'] = fact === 'short' ? short : (order) => follow(order, fact);
  return { tenant, id, to, ...(missing ? { missing } : {}) };
}

function saidByInventory({ type, tenant, data }: AnyEvent): Said[] {
  if (type === 'InventoryUpdated') {
    const { orderId: id, missing } = data;
    return [missing.length === 0 ? { tenant, id, fact: 'reserved' } : { tenant, id, fact: 'short', missing }];
  }
  // `released`: this app released it before it was reserved, and is told why by the market's answer to that.
  if (type !== 'InventoryRejected' || data.reason === 'released') return [];
  // With another reason it is not known whether there was stock.
  return [{ tenant, id: data.orderId, fact: data.reason, ...(data.reason === 'out_of_stock' ? { missing: data.missing } : {}) }];
}

function changesByMarkets({ type, tenant, data }: AnyEvent): Change[] {
  if (type === 'ReservationExpired') return [toFollow({ tenant, id: data.orderId, fact: 'expired' })];
  if (type !== 'PromisesAtRisk') return [];
  const { sku, orderIds, atRisk } = data;
  return orderIds.map((id) => ({ tenant, id, to: (order) => marked(order, sku, atRisk) }));
}
