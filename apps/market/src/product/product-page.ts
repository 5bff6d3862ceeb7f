import type { ProductList, ReadProducts } from '@aisle/contracts';
import { MarketFailure } from '../market/market-failures.ts';
import { productView } from '../market/market-view.ts';
import { placeAfter, type Market } from '../market/market.ts';
import { cursorFrom, cursorOf, pageOf } from '../rows/page.ts';
import type { Product } from './product.ts';

/** A page of the products for sale, by SKU. Throws `MarketFailure.unknown` and `PageFailure.cursorInvalid`. */
export function productPage(
  { settings, products, skus }: Pick<Market, 'settings' | 'products' | 'skus'>, id: string, { limit, cursor, category }: ReadProducts,
): ProductList {
  if (!settings) throw MarketFailure.unknown(id);
  const [after] = cursorFrom(cursor, 1);
  const found: Product[] = [];
  for (let place = after === undefined ? 0 : placeAfter(skus, after); place < skus.length && found.length <= limit; place += 1) {
    const product = products.get(skus[place]!)!;
    const { deleted, category: its } = product.details;
    if (!deleted && (category === undefined || category === its)) found.push(product);
  }
  const { items, next } = pageOf(found, limit, ({ sku }) => cursorOf(sku));
  return { items: items.map((product) => productView(settings.currency, product)), next };
}
