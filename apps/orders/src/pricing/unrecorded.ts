import type { Adjustment, Money } from '@aisle/contracts';
import { money } from '@aisle/pricing';
import type { OrderPrice } from './order-price.ts';

/** A line of an older order, which recorded the cost without the reasons. */
export interface BareLine {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  /** The units that were not delivered. */
  readonly missing: number;
  readonly unitPriceMinor: number;
  /** The net price of the whole quantity. */
  readonly netMinor: number;
}

/**
 * The price of an order that was placed before orders recorded adjustments, in a form that adds up. Each line gets one
 * adjustment for all its rules. The adjustment of the whole order is shared by largest remainder.
 */
export function unrecordedPrice(bare: readonly BareLine[], total: Money): OrderPrice {
  const amountOf = (amount: number): Money => ({ amount, currency: total.currency });
  const nets = bare.map(({ netMinor, quantity, missing }) => money.mulDiv(netMinor, quantity - missing, quantity));
  const ofAll = total.amount - nets.reduce((sum, net) => sum + net, 0);
  const shares = money.allocate(ofAll, nets);
  const lines = bare.map(({ sku, name, quantity, missing, unitPriceMinor }, index) => {
    const [net, share] = [nets[index] as number, shares[index] as number];
    const gross = unitPriceMinor * (quantity - missing);
    return {
      sku, name, quantity, ...(missing > 0 ? { missing } : {}), unitPrice: amountOf(unitPriceMinor), gross: amountOf(gross),
      adjustments: unrecorded(amountOf(net - gross)), net: amountOf(net), share: amountOf(share), total: amountOf(net + share),
    };
  });
  return { lines, adjustments: unrecorded(amountOf(ofAll)), total };
}

function unrecorded(amount: Money): Adjustment[] {
  if (amount.amount === 0) return [];
  const message = 'this order was placed before orders recorded their adjustments';
  return [{ code: 'unrecorded', amount, message, strategy: 'unrecorded', version: '0.0.0' }];
}
