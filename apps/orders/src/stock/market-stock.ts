import { StockProtocol, addresseeOf, type StockReply } from '@aisle/contracts';
import { uuidv7, type Runtime } from '@aisle/std';
import type { StandingOrder } from '../order/change-set.ts';
import { factOf, type StockFact, type StockStep } from '../order/order.ts';
import type { Asked, PatientRequests, Question } from '../steps/patient-requests.ts';

const REASONS = { 'time-out': 'timeout', cancel: 'cancelled' } as const;

type Ask = Pick<StandingOrder, 'tenant' | 'id' | 'market' | 'traceparent'>;

/** Asks the markets to deal with the stock of orders. A market does each step once for an order, however often it is asked. */
export class MarketStock {
  constructor(
    private readonly options: { readonly requests: Pick<PatientRequests, 'ask'>; readonly runtime: Runtime },
  ) {}

  async ask(step: StockStep, { tenant, id, market, traceparent }: Ask): Promise<Asked<StockFact>> {
    // What a market refuses once it refuses always, under the same command id. Goods that could not be handed out for a while
    // are asked for again by a command of its own; the order's standing keeps them from leaving twice.
    const again = step === 'fulfil' ? `/${uuidv7(this.options.runtime)}` : '';
    const to = addresseeOf(StockProtocol, { market });
    const asked = await this.send(step, { ...to, tenant, id: `${step}/${id}${again}`, traceparent }, id);
    if (!('answer' in asked)) return asked;
    const fact = factOf(asked.answer);
    // Nobody is told who released it here; whoever did is answered with the reason.
    return fact === undefined ? { unanswered: undefined } : { answer: fact };
  }

  private send(step: StockStep, question: Question, orderId: string): Promise<Asked<StockReply>> {
    const { requests } = this.options;
    if (step === 'commit' || step === 'fulfil') return requests.ask(StockProtocol[step], question, { orderId });
    return requests.ask(StockProtocol.release, question, { orderId, reason: REASONS[step] });
  }
}
