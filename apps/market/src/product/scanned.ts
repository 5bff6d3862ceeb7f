import { measured, scannedGoods, type ScannedProduct } from '@aisle/contracts';
import { MarketFailure } from '../market/market-failures.ts';
import { productView } from '../market/market-view.ts';
import type { Market } from '../market/market.ts';

/** The product of a scanned code, for a reader. Throws `MarketFailure.unknown`, and the failures of `scannedGoods`. */
export function scanned({ settings, products, codes }: Market, id: string, code: string, today: string): ScannedProduct {
  if (!settings) throw MarketFailure.unknown(id);
  const { scan, product, quantity } = scannedGoods(code, {
    labels: settings.terms?.labels, today,
    productOf(key) {
      const found = products.get(codes.get(key) ?? '');
      return found && { sku: found.sku, unit: found.details.facts?.unit, found };
    },
  });
  const { kind } = scan;
  const { lot, serial, expiresOn, bestBefore, sellBy } = scan.kind === 'gtin' ? scan : {};
  const said = Object.entries({ lot, serial, expiresOn, bestBefore, sellBy }).filter(([, value]) => value !== undefined);
  return {
    kind, product: productView(settings.currency, product.found),
    ...(quantity === undefined ? {} : { quantity, measure: measured(quantity, product.unit).measure }),
    ...Object.fromEntries(said),
  };
}
