import type { Requester } from '@aisle/broker';
import { STOCK_MESSAGES, queueOf, type OrderStock, type ReleaseStock, type StockReply } from '@aisle/contracts';
import { assert, isFailure, sleep, type FailureFacts, type FailureKind, type Runtime } from '@aisle/std';
import type { StandingOrder } from '../order/change-set.ts';
import { factOf, type OrderStep, type StockFact } from '../order/order.ts';

/** What this needs of the broker. */
export type MarketBroker = Pick<Requester, 'request'>;

/** The market's answer: a fact, why it does not do it, or that there is none yet and it has to be asked again. */
export type StockAnswer =
  | { readonly fact: StockFact }
  | { readonly refused: FailureFacts }
  | { readonly unanswered: unknown };

type Ask = Pick<StandingOrder, 'tenant' | 'id' | 'market' | 'traceparent'>;

const MESSAGES: Readonly<Record<OrderStep, { type: string; body: (orderId: string) => OrderStock | ReleaseStock }>> = {
  commit: { type: STOCK_MESSAGES.commit, body: (orderId) => ({ orderId }) },
  'time-out': { type: STOCK_MESSAGES.release, body: (orderId) => ({ orderId, reason: 'timeout' }) },
  cancel: { type: STOCK_MESSAGES.release, body: (orderId) => ({ orderId, reason: 'cancelled' }) },
  fulfil: { type: STOCK_MESSAGES.fulfil, body: (orderId) => ({ orderId }) },
};

const ATTEMPTS_MAX = 4;
const PAUSE_MS = 100;
const PASSING = new Set<FailureKind>(['unavailable', 'unknown', 'throttled']);

/**
 * Asks the markets to deal with the stock of orders. Each step has one command id for an order, so it is done once
 * however often it is asked; an outcome that is not known is asked for again, and never guessed.
 */
export class MarketStock {
  constructor(
    private readonly options: {
      readonly broker: MarketBroker;
      readonly runtime: Runtime;
      /** How long one attempt waits for its answer. */
      readonly attemptMs: number;
    },
  ) {}

  async ask(step: OrderStep, order: Ask): Promise<StockAnswer> {
    const { runtime } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const fact = factOf(await this.request(step, order));
        // Nobody is told who released it here; whoever did is answered with the reason.
        return fact === undefined ? { unanswered: undefined } : { fact };
      } catch (failure) {
        // A market that crashes on it has not said no.
        if (isFailure(failure) && !PASSING.has(failure.kind)) return { refused: failure };
        if (attempt === ATTEMPTS_MAX) return { unanswered: failure };
        await sleep(runtime, PAUSE_MS * attempt);
      }
    }
  }

  private request(step: OrderStep, { tenant, id: orderId, market, traceparent }: Ask): Promise<StockReply> {
    const { broker, runtime, attemptMs } = this.options;
    const { type, body } = MESSAGES[step];
    const queue = queueOf(type);
    assert(queue !== undefined, `some app takes messages of the type ${type}`);
    const header = {
      id: `${step}/${orderId}`, type, tenant, market, actor: market, traceparent,
      deadlineMs: runtime.clock.nowMs() + attemptMs,
    };
    return broker.request<StockReply>(queue, header, body(orderId));
  }
}
