import { BasketProtocol, addresseeOf, choiceOf, type RestoreBasket } from '@aisle/contracts';
import { assert, type FailureFacts } from '@aisle/std';
import type { StandingOrder } from '../order/change-set.ts';
import type { OrderReads } from '../reading/order-reads.ts';
import type { RequestOutcome, PatientRequests } from './patient-requests.ts';

/** The longest chain of merged baskets that is followed; a longer one is a cycle or a bug. */
const BASKETS_MAX = 16;

/** The parts that `BasketRestores` uses. */
export interface BasketRestoresOptions {
  readonly requests: Pick<PatientRequests, 'ask'>;
  readonly reads: Pick<OrderReads, 'stored'>;
}

/** Puts the lines of rejected orders back into their baskets, or into the baskets that these were merged into. */
export class BasketRestores {
  constructor(private readonly options: BasketRestoresOptions) {}

  /**
   * Sends `restore` along the chain of merges. The command id is fixed per order, so the lines are put back once, however
   * often it is sent. The chain is not stored, since each basket repeats its answer or refusal.
   */
  async ask(order: StandingOrder): Promise<RequestOutcome<unknown>> {
    const { tenant, id, market, basket, reason, missing, traceparent } = order;
    assert(basket !== null && reason !== null, 'only a rejected order of a basket puts lines back');
    const { price } = await this.options.reads.stored(order);
    const lines = price.lines.map((line) => ({ sku: line.sku, ...choiceOf(line) }));
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
