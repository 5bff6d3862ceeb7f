import { STOCK_MESSAGES, type OrderStock, type ReleaseStock, type StockReply } from '@aisle/contracts';
import { uuidv7, type Runtime } from '@aisle/std';
import type { StandingOrder } from '../order/change-set.ts';
import { factOf, type StockFact, type StockStep } from '../order/order.ts';
import type { Asked, PatientRequests } from '../steps/patient-requests.ts';

const MESSAGES: Readonly<Record<StockStep, { type: string; body: (orderId: string) => OrderStock | ReleaseStock }>> = {
  commit: { type: STOCK_MESSAGES.commit, body: (orderId) => ({ orderId }) },
  'time-out': { type: STOCK_MESSAGES.release, body: (orderId) => ({ orderId, reason: 'timeout' }) },
  cancel: { type: STOCK_MESSAGES.release, body: (orderId) => ({ orderId, reason: 'cancelled' }) },
  fulfil: { type: STOCK_MESSAGES.fulfil, body: (orderId) => ({ orderId }) },
};

type Ask = Pick<StandingOrder, 'tenant' | 'id' | 'market' | 'traceparent'>;

/** Asks the markets to deal with the stock of orders. A market does each step once for an order, however often it is asked. */
export class MarketStock {
  constructor(
    private readonly options: { readonly requests: Pick<PatientRequests, 'ask'>; readonly runtime: Runtime },
  ) {}

  async ask(step: StockStep, { tenant, id, market, traceparent }: Ask): Promise<Asked<StockFact>> {
    const { type, body } = MESSAGES[step];
    // What a market refuses once it refuses always, under the same command id. Goods that could not be handed out for a while
    // are asked for again by a command of its own; the order's standing keeps them from leaving twice.
    const again = step === 'fulfil' ? `/${uuidv7(this.options.runtime)}` : '';
    const question = { tenant, market, actor: market, id: `${step}/${id}${again}`, traceparent };
    const asked = await this.options.requests.ask<StockReply>(type, question, body(id));
    if (!('answer' in asked)) return asked;
    const fact = factOf(asked.answer);
    // Nobody is told who released it here; whoever did is answered with the reason.
    return fact === undefined ? { unanswered: undefined } : { answer: fact };
  }
}
