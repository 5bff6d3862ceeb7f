import type { StockLine } from '@aisle/contracts';
import type { FinalPrice } from '../pricing/final-price.ts';
import type { OrderState } from './order.ts';

export interface OrderAddress {
  readonly tenant: string;
  readonly id: string;
}

/** An order as whoever changes it sees it. */
export interface StandingOrder extends OrderState, OrderAddress {
  readonly market: string;
  /** Of the request that placed it. */
  readonly traceparent: string;
  /** Units that there was no stock for, once that is known. */
  readonly missing: readonly StockLine[] | null;
}

/** Something that may change an order. */
export interface Change extends OrderAddress {
  /** Pure; the same object means no change, and what it throws is the answer to this change alone. */
  readonly to: (order: OrderState) => OrderState;
  /** Units that there was no stock for; known with the change, if it takes effect. */
  readonly missing?: readonly StockLine[];
  /** What the order comes to from the change on, if it takes effect. */
  readonly price?: FinalPrice;
}

/** The order before and after a change, why it was refused, or undefined when there is no such order. */
export type Changed =
  | { readonly before: StandingOrder; readonly after: StandingOrder }
  | { readonly failure: unknown }
  | undefined;

/** Many changes to many orders, one after the other, and what they come to. */
export class ChangeSet {
  /** The orders as they came to another status, once for each. */
  readonly passages: StandingOrder[] = [];
  readonly prices: (OrderAddress & { readonly price: FinalPrice })[] = [];
  private readonly orders: Map<string, StandingOrder>;
  private readonly touched = new Set<string>();

  constructor(orders: readonly StandingOrder[]) {
    this.orders = new Map(orders.map((order) => [orderKey(order), order]));
  }

  /** The orders that are not as they were. */
  get changed(): StandingOrder[] {
    return [...this.touched].map((key) => this.orders.get(key) as StandingOrder);
  }

  apply({ tenant, id, to, missing, price }: Change): Changed {
    const key = orderKey({ tenant, id });
    const before = this.orders.get(key);
    if (before === undefined) return undefined;
    try {
      const next = to(before);
      if (next === before) return { before, after: before };
      const after: StandingOrder = { ...before, ...next, missing: missing ?? before.missing };
      this.orders.set(key, after);
      this.touched.add(key);
      if (price) this.prices.push({ tenant, id, price });
      if (after.status !== before.status) this.passages.push(after);
      return { before, after };
    } catch (failure) {
      return { failure };
    }
  }
}

/** One text for the two parts of an order's name; neither holds a line break. */
export function orderKey({ tenant, id }: OrderAddress): string {
  return `${tenant}\n${id}`;
}
