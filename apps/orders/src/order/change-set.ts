import type { StockLine } from '@aisle/contracts';
import type { FinalPrice } from '../pricing/final-price.ts';
import type { OrderState } from './order.ts';

/** The key of an order. */
export interface OrderAddress {
  readonly tenant: string;
  readonly id: string;
}

/** An order with the facts that changes and steps need. */
export interface StandingOrder extends OrderState, OrderAddress {
  readonly market: string;
  /** The W3C Trace Context of the request that placed it. */
  readonly traceparent: string;
  /** The principal who asked for the latest step; empty for the system. */
  readonly stepBy: string;
  /** The units without stock; null until they are known. */
  readonly missing: readonly StockLine[] | null;
}

/** A change of an order. */
export interface Change extends OrderAddress {
  /** Pure. The same object means no change. A thrown failure is the result of this change alone. */
  readonly to: (order: OrderState) => OrderState;
  /** The principal who asks for the change; absent if the system does. */
  readonly by?: string;
  /** The units without stock, recorded if the change takes effect. */
  readonly missing?: readonly StockLine[];
  /** The new price of the order, recorded if the change takes effect. */
  readonly price?: FinalPrice;
}

/** The order before and after a change, or the failure of the change; undefined if there is no such order. */
export type ChangeResult =
  | { readonly before: StandingOrder; readonly after: StandingOrder }
  | { readonly failure: unknown }
  | undefined;

/** Applies many changes to many orders, one after another, and collects the results. */
export class ChangeSet {
  /** The orders after each change of their status; an order occurs once per change. */
  readonly statusChanges: StandingOrder[] = [];
  readonly prices: (OrderAddress & { readonly price: FinalPrice })[] = [];
  private readonly orders: Map<string, StandingOrder>;
  private readonly touched = new Set<string>();

  constructor(orders: readonly StandingOrder[]) {
    this.orders = new Map(orders.map((order) => [orderKey(order), order]));
  }

  /** The changed orders, in their final state. */
  get changed(): StandingOrder[] {
    return [...this.touched].map((key) => this.orders.get(key) as StandingOrder);
  }

  /** Applies a change. Never throws: a failure is the result. */
  apply({ tenant, id, to, by, missing, price }: Change): ChangeResult {
    const key = orderKey({ tenant, id });
    const before = this.orders.get(key);
    if (before === undefined) return undefined;
    try {
      const next = to(before);
      if (next === before) return { before, after: before };
      const after: StandingOrder = { ...before, ...next, missing: missing ?? before.missing, stepBy: by ?? before.stepBy };
      this.orders.set(key, after);
      this.touched.add(key);
      if (price) this.prices.push({ tenant, id, price });
      if (after.status !== before.status) this.statusChanges.push(after);
      return { before, after };
    } catch (failure) {
      return { failure };
    }
  }
}

/** The key of an order as one text. Neither part contains a line break. */
export function orderKey({ tenant, id }: OrderAddress): string {
  return `${tenant}\n${id}`;
}
