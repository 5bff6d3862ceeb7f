import type { CreateReply, NewOrder, PlaceOrder, PlaceReply, PricedOrder } from '@aisle/contracts';
import type { OutboxRelay } from '@aisle/events';
import { isFailure, type Runtime } from '@aisle/std';
import { traceIdOf, type Logger } from '@aisle/platform';
import type { OrderAddress } from '../order/change-set.ts';
import { OrderFailure } from '../order/order-failures.ts';
import { orderIdOf } from '../order/order-id.ts';
import { together } from '../order/together.ts';
import type { OrderPrices } from '../pricing/order-prices.ts';
import type { OrderReads } from '../reading/order-reads.ts';
import type { Deadlines } from '../steps/deadlines.ts';
import { fromBasket, fromPriced, placedView, wantedHashOf, type PlacedOrder, type Placing } from './placed-order.ts';
import type { Placement, PlacingRepository } from './placing.repository.ts';

export interface OrderPlacingOptions {
  readonly repository: Pick<PlacingRepository, 'placeAll' | 'hashesOf'>;
  readonly reads: Pick<OrderReads, 'readPlaced'>;
  /** Publishes what is placed. */
  readonly relay: Pick<OutboxRelay, 'hint'>;
  readonly deadlines: Pick<Deadlines, 'expect'>;
  readonly prices: Pick<OrderPrices, 'now'>;
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** An order that nobody has decided about for so long is timed out. */
  readonly timeoutMs: number;
}

/** Who orders, where, and until when it wants an answer. */
export type Ordering = Pick<PlacedOrder, 'tenant' | 'market' | 'traceparent'> & { readonly deadlineMs: number };

/** Takes orders in. An order's id is what makes it one: whatever comes again under it changes nothing. */
export class OrderPlacing {
  /** Together with whatever else is placed at the moment. */
  private readonly placeOne: (order: PlacedOrder) => Promise<Placement>;
  private readonly hashOf: (order: OrderAddress) => Promise<string | undefined>;

  constructor(private readonly options: OrderPlacingOptions) {
    const { repository, runtime } = options;
    this.placeOne = together(runtime, (orders) => repository.placeAll(orders));
    this.hashOf = together(runtime, (orders) => repository.hashesOf(orders));
  }

  /** Of a basket that was checked out, under the id that it chose. Throws `OrderFailure.idempotencyMismatch`. */
  async place(id: string, ordering: Ordering, body: PlaceOrder): Promise<PlaceReply> {
    const order = fromBasket(this.placing(id, ordering), body);
    return { outcome: await this.insert(order) };
  }

  /** Of products without a basket; the key makes the id. Throws what pricing throws, and `OrderFailure.idempotencyMismatch`. */
  async create(key: string, ordering: Ordering, wanted: NewOrder): Promise<CreateReply> {
    const id = orderIdOf(ordering.tenant, key);
    const price = await this.price(id, ordering, wanted);
    if (price === undefined) return this.replay({ tenant: ordering.tenant, id });
    const order = fromPriced(this.placing(id, ordering), wanted, price);
    if ((await this.insert(order)) === 'already-placed') return this.replay(order);
    return { order: placedView(order), replayed: false };
  }

  private async insert(order: PlacedOrder): Promise<PlaceReply['outcome']> {
    const placement = await this.placeOne(order);
    if (placement === 'mismatch') throw OrderFailure.idempotencyMismatch();
    if (placement === 'placed') {
      const { id: orderId, market, traceparent, expiresAtMs } = order;
      this.options.relay.hint();
      this.options.deadlines.expect(expiresAtMs);
      this.options.logger.info('order placed', { orderId, market, traceId: traceIdOf(traceparent) });
    }
    return placement;
  }

  /** Undefined when it is not sold any more, but was ordered under this key when it was. */
  private async price(id: string, ordering: Ordering, wanted: NewOrder): Promise<PricedOrder | undefined> {
    try {
      return await this.options.prices.now({ ...ordering, id }, wanted);
    } catch (failure) {
      const isFinal = isFailure(failure) && (failure.kind === 'missing' || failure.kind === 'rejected');
      const hash = isFinal ? await this.hashOf({ tenant: ordering.tenant, id }) : undefined;
      if (hash === undefined) throw failure;
      if (hash !== wantedHashOf(wanted)) throw OrderFailure.idempotencyMismatch();
      return undefined;
    }
  }

  private async replay({ tenant, id }: OrderAddress): Promise<CreateReply> {
    return { order: await this.options.reads.readPlaced({ tenant, id }), replayed: true };
  }

  private placing(id: string, { tenant, market, traceparent }: Ordering): Placing {
    const createdAtMs = this.options.runtime.clock.nowMs();
    return { tenant, id, market, traceparent, createdAtMs, expiresAtMs: createdAtMs + this.options.timeoutMs };
  }
}
