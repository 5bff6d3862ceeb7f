import { StockProtocol, addresseeOf, type StockReply } from '@aisle/contracts';
import { uuidv7, type Runtime } from '@aisle/std';
import type { StandingOrder } from '../order/change-set.ts';
import { factOf, type StockFact, type StockStep } from '../order/order.ts';
import type { RequestOutcome, PatientRequests, RequestHeader } from '../steps/patient-requests.ts';

/** Whether people ask for a step. All others are the system's own. */
function isAskedFor(step: StockStep): boolean {
  return step === 'cancel' || step === 'fulfil';
}

const REASONS = { 'time-out': 'timeout', cancel: 'cancelled' } as const;

type Ask = Pick<StandingOrder, 'tenant' | 'id' | 'market' | 'stepBy' | 'traceparent'>;

/** Sends the steps of orders to their markets. A market performs each step of an order once, however often it is sent. */
export class MarketStock {
  constructor(
    private readonly options: { readonly requests: Pick<PatientRequests, 'ask'>; readonly runtime: Runtime },
  ) {}

  /** Sends a step. The answer is the resulting fact about the order's stock. */
  async ask(step: StockStep, { tenant, id, market, stepBy, traceparent }: Ask): Promise<RequestOutcome<StockFact>> {
    // A market repeats its refusal of a command id. So each fulfilment has an id of its own, and can succeed after an earlier
    // refusal. The state of the order's stock prevents that goods leave twice.
    const again = step === 'fulfil' ? `/${uuidv7(this.options.runtime)}` : '';
    const to = addresseeOf(StockProtocol, { market });
    const asked = await this.send(step, { ...to, tenant, id: `${step}/${id}${again}`, by: isAskedFor(step) ? stepBy : '', traceparent }, id);
    if (!('answer' in asked)) return asked;
    const fact = factOf(asked.answer);
    // This answer has no reason for the release; the request that released the stock gets it.
    return fact === undefined ? { unanswered: undefined } : { answer: fact };
  }

  private send(step: StockStep, question: RequestHeader, orderId: string): Promise<RequestOutcome<StockReply>> {
    const { requests } = this.options;
    if (step === 'commit' || step === 'fulfil') return requests.ask(StockProtocol[step], question, { orderId });
    return requests.ask(StockProtocol.release, question, { orderId, reason: REASONS[step] });
  }
}
