import { genServer, ok, reply, type Ref } from '@aisle/supervision';
import type { Choice, Line } from '../basket/basket.ts';
import type { Pricer } from './pricer.ts';

/** One product of one basket: it prices its line, the whole quantity at once. */
export interface ProductProtocol {
  call: { price(request: { pricer: Pricer; choice: Choice; held: Line | undefined }): Line };
}

export type ProductRef = Ref<ProductProtocol>;

interface ProductArguments {
  readonly sku: string;
  /** Where the basket finds its products; a product that was restarted enters itself again. */
  readonly products: Map<string, ProductRef>;
}

/**
 * A line is priced in a process of its own, so that a bug in one product's pricing crashes that
 * product and nothing else: not its basket, nor the products beside it.
 */
export const ProductServer = genServer<ProductProtocol, string, ProductArguments>({
  name: 'ProductServer',
  init({ sku, products }, ctx) {
    products.set(sku, ctx.self);
    return ok(sku);
  },
  handleCall: {
    price(sku, { pricer, choice, held }) {
      const line = pricer.line(sku, choice, held);
      return line instanceof Promise ? line.then((asked) => reply(asked, sku)) : reply(line, sku);
    },
  },
});
