import type { CreateReply, NewOrder, PlaceOrder, PlaceReply, PricedOrder } from '@aisle/contracts';
import type { OutboxRelay } from '@aisle/events';
import { isFailure, type Runtime } from '@aisle/std';
import { traceIdOf, type Logger } from '@aisle/platform';
import type { OrderAddress } from '../order/change-set.ts';
import { OrderFailure } from '../order/order-failures.ts';
import { orderIdOf } from '../order/order-id.ts';
import { batched } from '../order/batched.ts';
import type { OrderPrices } from '../pricing/order-prices.ts';
import type { OrderReads } from '../reading/order-reads.ts';
import type { OrderDeadlines } from '../steps/order-deadlines.ts';
import { fromBasket, fromPriced, placedView, wantedHashOf, type PlacedOrder, type OrderHead } from './placed-order.ts';
import type { Placement, PlacingRepository } from './placing.repository.ts';

/** The parts that `OrderPlacing` uses. */
export interface OrderPlacingOptions {
  readonly repository: Pick<PlacingRepository, 'placeAll' | 'hashesOf'>;
  readonly reads: Pick<OrderReads, 'readPlaced'>;
  /** Publishes the events of placed orders. */
  readonly relay: Pick<OutboxRelay, 'hint'>;
  readonly deadlines: Pick<OrderDeadlines, 'schedule'>;
  readonly prices: Pick<OrderPrices, 'now'>;
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** The time after which an undecided order is timed out. */
  readonly timeoutMs: number;
}

/** The tenant, market, principal and trace of a request for an order, and its deadline in milliseconds since 1970. */
export type OrderCall = Pick<PlacedOrder, 'tenant' | 'market' | 'by' | 'traceparent'> & { readonly deadlineMs: number };

/** Places orders. Idempotent by the order's id. */
export class OrderPlacing {
  private readonly placeOne: (order: PlacedOrder) => Promise<Placement>;
  private readonly hashOf: (order: OrderAddress) => Promise<string | undefined>;

  constructor(private readonly options: OrderPlacingOptions) {
    const { repository, runtime } = options;
    this.placeOne = batched(runtime, (orders) => repository.placeAll(orders));
    this.hashOf = batched(runtime, (orders) => repository.hashesOf(orders));
  }

  /** Places the order of a basket's checkout, under the checkout's order id. Throws `OrderFailure.idempotencyMismatch`. */
  async place(id: string, call: OrderCall, body: PlaceOrder): Promise<PlaceReply> {
    const order = fromBasket(this.head(id, call), body);
    return { outcome: await this.insert(order) };
  }

  /**
   * Places an order of products without a basket; its id follows from the key. Throws the failures of pricing, and
   * `OrderFailure.idempotencyMismatch`.
   */
  async create(key: string, call: OrderCall, wanted: NewOrder): Promise<CreateReply> {
    const id = orderIdOf(call.tenant, key);
    const price = await this.price(id, call, wanted);
    if (price === undefined) return this.replay({ tenant: call.tenant, id });
    const order = fromPriced(this.head(id, call), wanted, price);
    if ((await this.insert(order)) === 'already-placed') return this.replay(order);
    return { order: placedView(order), replayed: false };
  }

  private async insert(order: PlacedOrder): Promise<PlaceReply['outcome']> {
    const placement = await this.placeOne(order);
    if (placement === 'mismatch') throw OrderFailure.idempotencyMismatch();
    if (placement === 'placed') {
      const { id: orderId, market, traceparent, expiresAtMs } = order;
      this.options.relay.hint();
      this.options.deadlines.schedule(expiresAtMs);
      this.options.logger.info('order placed', { orderId, market, traceId: traceIdOf(traceparent) });
    }
    return placement;
  }

  /** The price of the products. Undefined if they are no longer sold, but were ordered before under the same key. */
  private async price(id: string, call: OrderCall, wanted: NewOrder): Promise<PricedOrder | undefined> {
    try {
      return await this.options.prices.now({ ...call, id }, wanted);
    } catch (failure) {
      const isFinal = isFailure(failure) && (failure.kind === 'missing' || failure.kind === 'rejected');
      const hash = isFinal ? await this.hashOf({ tenant: call.tenant, id }) : undefined;
      if (hash === undefined) throw failure;
      if (hash !== wantedHashOf(wanted)) throw OrderFailure.idempotencyMismatch();
      return undefined;
    }
  }

  private async replay({ tenant, id }: OrderAddress): Promise<CreateReply> {
    return { order: await this.options.reads.readPlaced({ tenant, id }), replayed: true };
  }

  private head(id: string, { tenant, market, by, traceparent }: OrderCall): OrderHead {
    const createdAtMs = this.options.runtime.clock.nowMs();
    return { tenant, id, market, by, traceparent, createdAtMs, expiresAtMs: createdAtMs + this.options.timeoutMs };
  }
}
