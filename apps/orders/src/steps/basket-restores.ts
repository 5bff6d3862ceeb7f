import { BasketProtocol, addresseeOf, type RestoreBasket } from '@aisle/contracts';
import { assert, type FailureFacts } from '@aisle/std';
import type { StandingOrder } from '../order/change-set.ts';
import type { OrderReads } from '../reading/order-reads.ts';
import type { Asked, PatientRequests } from './patient-requests.ts';

/** Baskets that were merged into each other one after another; a longer way is a circle, or a bug. */
const BASKETS_MAX = 16;

export interface BasketRestoresOptions {
  readonly requests: Pick<PatientRequests, 'ask'>;
  readonly reads: Pick<OrderReads, 'stored'>;
}

/** Gives the lines of rejected orders back to their baskets, or to those that the baskets were merged into since. */
export class BasketRestores {
  constructor(private readonly options: BasketRestoresOptions) {}

  /**
   * Under one command id for an order, so the lines come back once however often it is asked. Nothing of the way is kept: a
   * basket that has taken them answers alike, and one that was merged before refuses alike.
   */
  async ask(order: StandingOrder): Promise<Asked<unknown>> {
    const { tenant, id, market, basket, reason, missing, traceparent } = order;
    assert(basket !== null && reason !== null, 'only a rejected order of a basket gives lines back');
    const { price } = await this.options.reads.stored(order);
    const lines = price.lines.map(({ sku, quantity }) => ({ sku, quantity }));
    const body: RestoreBasket = { orderId: id, reason, lines, missing: missing ?? [] };
    const asked = new Set<string>();
    for (let target = basket; ; ) {
      asked.add(target);
      const to = addresseeOf(BasketProtocol, { market, basket: target });
      const answer = await this.options.requests.ask(BasketProtocol.restore, { ...to, tenant, id: `restore/${id}`, traceparent }, body);
      const into = 'refused' in answer ? mergedInto(answer.refused) : undefined;
      if (into === undefined || asked.has(into) || asked.size >= BASKETS_MAX) return answer;
      target = into;
    }
  }
}

function mergedInto({ code, details }: FailureFacts): string | undefined {
  const into = code === 'basket.merged' ? details['into'] : undefined;
  return typeof into === 'string' ? into : undefined;
}
