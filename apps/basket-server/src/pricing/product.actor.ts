import type { Choice } from '@aisle/contracts';
import { genServer, ok, reply, type Ref } from '@aisle/supervision';
import type { Line } from '../basket/basket.ts';
import type { Pricer } from './pricer.ts';

/** The messages of one product of one basket. It prices its whole line. */
export interface ProductProtocol {
  call: { price(request: { pricer: Pricer; choice: Choice; held: Line | undefined }): Line };
}

export type ProductRef = Ref<ProductProtocol>;

interface ProductArguments {
  readonly sku: string;
  /** The basket's map of its products. A restarted product enters itself again. */
  readonly products: Map<string, ProductRef>;
}

/**
 * The process that prices one line. A bug in one product's pricing crashes this process alone, and neither the basket nor
 * its other products.
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
