import { clientTo, type Requester } from '@aisle/broker';
import {
  PricesProtocol, addresseeOf, type NewOrder, type OrderPricing, type PriceOrder, type PricedOrder, type PricedProduct,
} from '@aisle/contracts';
import type { StandingOrder } from '../order/change-set.ts';
import type { PlacedOrder } from '../placing/placed-order.ts';
import type { OrderReads } from '../reading/order-reads.ts';
import type { Asked, PatientRequests } from '../steps/patient-requests.ts';
import { deliveredOf, finalPrice, type FinalPrice } from './final-price.ts';
import type { OrderPrice } from './order-price.ts';

/** Whose order is priced, and until when. */
export type Pricing = Pick<PlacedOrder, 'tenant' | 'id' | 'market' | 'traceparent'> & { readonly deadlineMs: number };

export interface OrderPricesOptions {
  readonly broker: Pick<Requester, 'request'>;
  readonly requests: Pick<PatientRequests, 'ask'>;
  readonly reads: Pick<OrderReads, 'stored'>;
}

/** What orders cost by the rules of their market. Any basket-server prices alike: the order's own id spreads them. */
export class OrderPrices {
  constructor(private readonly options: OrderPricesOptions) {}

  /** Products at the prices of now. Throws what pricing throws, such as `basket.product_unknown`. */
  now({ tenant, id, market, traceparent, deadlineMs }: Pricing, { lines, canaryKey }: NewOrder): Promise<PricedOrder> {
    const body: PriceOrder = { lines: summed(lines), ...(canaryKey === undefined ? {} : { canaryKey }) };
    const call = { id: `price/${id}`, tenant, traceparent, deadlineMs };
    return clientTo(this.options.broker, PricesProtocol, { market, spread: id }, call).price(body);
  }

  /**
   * What is delivered of an order, by the prices and the rules of its instant. An order that was placed before orders kept
   * these is priced by those of now.
   */
  async final(order: StandingOrder): Promise<Asked<FinalPrice>> {
    const { price, pricing } = await this.options.reads.stored(order);
    const missing = order.missing ?? [];
    const body: PriceOrder = { lines: deliveredOf(price.lines, missing), ...(pricing ? { asOf: asOf(price, pricing) } : {}) };
    const { tenant, id, market, traceparent } = order;
    const to = addresseeOf(PricesProtocol, { market, spread: id });
    const asked = await this.options.requests.ask(PricesProtocol.price, { ...to, tenant, id: `price/${id}`, traceparent }, body);
    return 'answer' in asked ? { answer: finalPrice(price, missing, asked.answer) } : asked;
  }
}

function asOf({ lines }: OrderPrice, pricing: OrderPricing): NonNullable<PriceOrder['asOf']> {
  const products = lines.map(({ sku, name, category, unitPrice }): PricedProduct => ({
    sku, name, ...(category === undefined ? {} : { category }), unitPriceMinor: unitPrice.amount,
  }));
  return { pricing, products };
}

/** One line a product, in the order in which they came. */
function summed(lines: NewOrder['lines']): PriceOrder['lines'] {
  const bySku = new Map<string, number>();
  for (const { sku, quantity } of lines) bySku.set(sku, (bySku.get(sku) ?? 0) + quantity);
  return [...bySku].map(([sku, quantity]) => ({ sku, quantity }));
}
