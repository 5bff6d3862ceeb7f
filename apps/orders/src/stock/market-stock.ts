import { STOCK_MESSAGES, type OrderStock, type ReleaseStock, type StockReply } from '@aisle/contracts';
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

/**
 * Asks the markets to deal with the stock of orders. Each step has one command id for an order, so it is done once
 * however often it is asked.
 */
export class MarketStock {
  constructor(private readonly requests: Pick<PatientRequests, 'ask'>) {}

  async ask(step: StockStep, { tenant, id, market, traceparent }: Ask): Promise<Asked<StockFact>> {
    const { type, body } = MESSAGES[step];
    const question = { tenant, market, actor: market, id: `${step}/${id}`, traceparent };
    const asked = await this.requests.ask<StockReply>(type, question, body(id));
    if (!('answer' in asked)) return asked;
    const fact = factOf(asked.answer);
    // Nobody is told who released it here; whoever did is answered with the reason.
    return fact === undefined ? { unanswered: undefined } : { answer: fact };
  }
}
