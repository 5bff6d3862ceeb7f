import { clientTo, type Requester } from '@aisle/broker';
import {
  LIMITS, PricesProtocol, addresseeOf, type NewOrder, type OrderPricing, type PriceOrder, type PricedOrder, type PricedProduct,
} from '@aisle/contracts';
import type { StandingOrder } from '../order/change-set.ts';
import type { PlacedOrder } from '../placing/placed-order.ts';
import type { OrderReads } from '../reading/order-reads.ts';
import type { RequestOutcome, PatientRequests } from '../steps/patient-requests.ts';
import { deliveredOf, finalPrice, type FinalPrice } from './final-price.ts';
import type { OrderPrice } from './order-price.ts';

/** The order to price, and the deadline in milliseconds since 1970. */
export type PricingCall = Pick<PlacedOrder, 'tenant' | 'id' | 'market' | 'traceparent'> & { readonly deadlineMs: number };

/** The parts that `OrderPrices` uses. */
export interface OrderPricesOptions {
  readonly broker: Pick<Requester, 'request'>;
  readonly requests: Pick<PatientRequests, 'ask'>;
  readonly reads: Pick<OrderReads, 'stored'>;
}

/** Requests the prices of orders from basket-server. Every basket-server prices alike, so the order's id spreads the load. */
export class OrderPrices {
  constructor(private readonly options: OrderPricesOptions) {}

  /** Prices products at present prices. Throws the failures of pricing, such as `product.unknown`. */
  now({ tenant, id, market, traceparent, deadlineMs }: PricingCall, { lines, canaryKey }: NewOrder): Promise<PricedOrder> {
    const body: PriceOrder = { lines: summed(lines), ...(canaryKey === undefined ? {} : { canaryKey }) };
    const call = { id: `price/${id}`, tenant, traceparent, deadlineMs };
    return clientTo(this.options.broker, PricesProtocol, { market, spread: id }, call).price(body);
  }

  /**
   * Prices the delivered part of an order, by the prices and rules of the order's instant. An order that was placed before
   * orders recorded these is priced by the present ones.
   */
  async final(order: StandingOrder): Promise<RequestOutcome<FinalPrice>> {
    const { price, pricing } = await this.options.reads.stored(order);
    const missing = order.missing ?? [];
    const body: PriceOrder = { lines: deliveredOf(price.lines, missing), ...(pricing ? { asOf: asOf(price, pricing) } : {}) };
    const { tenant, id, market, traceparent } = order;
    const to = addresseeOf(PricesProtocol, { market, spread: id });
    const asked = await this.options.requests.ask(PricesProtocol.price, { ...to, tenant, id: `price/${id}`, traceparent }, body);
    return 'answer' in asked ? { answer: finalPrice(price, missing, asked.answer, pricing ?? {}) } : asked;
  }
}

function asOf({ lines }: OrderPrice, pricing: OrderPricing): NonNullable<PriceOrder['asOf']> {
  const products = lines.map(({ sku, name, category, unit, tax, unitPrice }): PricedProduct => ({
    sku, name, ...(category === undefined ? {} : { category }), unitPriceMinor: unitPrice.amount, ...(unit === undefined ? {} : { unit }),
    ...(tax === undefined ? {} : { taxCategory: tax.category }),
  }));
  return { pricing, products };
}

/**
 * The lines summed per product, in the order of the first line of each. The largest quantity of a line goes along if it may be too much,
 * because only the server that prices it knows the product's unit.
 */
function summed(lines: NewOrder['lines']): PriceOrder['lines'] {
  const byProduct = new Map<string, { readonly product: Pick<NewOrder['lines'][number], 'sku' | 'code'>; quantity: number; largest: number }>();
  for (const { quantity, ...product } of lines) {
    const key = JSON.stringify(product);
    const sum = byProduct.get(key) ?? { product, quantity: 0, largest: 0 };
    byProduct.set(key, { product, quantity: sum.quantity + quantity, largest: Math.max(sum.largest, quantity) });
  }
  return [...byProduct.values()].map(({ product, quantity, largest }) => {
    // The server that prices a code checks the quantity that it says.
    const isUnchecked = largest > LIMITS.unitsPerRequest || product.code !== undefined;
    return { ...product, quantity, ...(isUnchecked ? { largest } : {}) };
  });
}
