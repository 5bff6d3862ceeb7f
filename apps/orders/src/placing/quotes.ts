import type { Requester } from '@aisle/broker';
import { BASKET_MESSAGES, queueOf, type BasketReply, type NewOrder, type QuoteItems, type Quote } from '@aisle/contracts';
import { assert } from '@aisle/std';
import type { PlacedOrder } from './placed-order.ts';

/** Whose order is priced, and until when. */
export type Pricing = Pick<PlacedOrder, 'tenant' | 'id' | 'market' | 'traceparent'> & { readonly deadlineMs: number };

/** Prices lists of products as a basket of them would be priced now. */
export class Quotes {
  constructor(private readonly broker: Pick<Requester, 'request'>) {}

  /** Throws what pricing throws, such as `basket.product_unknown`. */
  async quote({ tenant, id, market, traceparent, deadlineMs }: Pricing, lines: NewOrder['lines']): Promise<Quote> {
    const type = BASKET_MESSAGES.quote;
    const queue = queueOf(type);
    assert(queue !== undefined, 'somebody prices');
    // Any basket-server prices alike: the order's own id spreads quotes over all of them.
    const header = { id: `quote/${id}`, type, tenant, market, actor: id, traceparent, deadlineMs };
    const items: QuoteItems = { items: lines };
    const { json } = await this.broker.request<BasketReply>(queue, header, items);
    return JSON.parse(json) as Quote;
  }
}
