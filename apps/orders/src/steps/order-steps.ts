import { isFailure } from '@aisle/std';
import { errorFields, traceIdOf, type Logger } from '@aisle/platform';
import { orderKey, type Change, type ChangeResult, type StandingOrder } from '../order/change-set.ts';
import type { OrderChanges } from '../order/order-changes.ts';
import { follow, giveUpFulfilling, priced, restored, timeOut, type OrderStep } from '../order/order.ts';
import type { OrderPrices } from '../pricing/order-prices.ts';
import type { MarketStock } from '../stock/market-stock.ts';
import type { BasketRestores } from './basket-restores.ts';
import type { RequestOutcome } from './patient-requests.ts';

/** The outcome of a requested step. */
export type StepOutcome = RequestOutcome<unknown>;

/** The parts that `OrderSteps` uses. */
export interface OrderStepsOptions {
  readonly changes: Pick<OrderChanges, 'change'>;
  readonly market: Pick<MarketStock, 'ask'>;
  readonly prices: Pick<OrderPrices, 'final'>;
  readonly restores: Pick<BasketRestores, 'ask'>;
  readonly logger: Logger;
}

/** An order and its open step. */
export interface WantedStep {
  readonly order: StandingOrder;
  readonly step: OrderStep;
}

/** The most orders that are continued in the background. Further ones continue when they are due. */
const BACKGROUND_MAX = 1_000;

/**
 * Requests the steps of orders, and applies the answers. A step is stored in the order's row from before its request until its
 * answer. So if a process ends meanwhile, or gets no answer, another process repeats the request when the row is due.
 */
export class OrderSteps {
  private readonly background = new Set<Promise<void>>();
  private backgroundCount = 0;
  private stopped = false;

  constructor(private readonly options: OrderStepsOptions) {}

  /** Requests the steps concurrently, and returns the changes that follow from the answers. */
  async ask(wanted: readonly WantedStep[]): Promise<Change[]> {
    return (await Promise.all(wanted.map((one) => this.askOne(one)))).flatMap(({ changes }) => changes);
  }

  /** Requests one step, and applies its answer. Later steps continue in the background. */
  async take(order: StandingOrder, step: OrderStep): Promise<{ answer: StepOutcome; after: StandingOrder }> {
    const { answer, changes } = await this.askOne({ order, step });
    const [outcome] = await this.options.changes.change(changes);
    this.continueInBackground([outcome]);
    return { answer, after: outcome && 'after' in outcome ? outcome.after : order };
  }

  /** Resumes due orders: those without a step are timed out, and open steps are requested again. */
  async resume(orders: readonly StandingOrder[]): Promise<void> {
    const undecided = orders.filter(({ step }) => step === null);
    const outcomes = await this.options.changes.change(undecided.map(({ tenant, id }) => ({ tenant, id, to: timeOut })));
    const timedOut = outcomes.flatMap((outcome) => (outcome && 'after' in outcome ? [outcome.after] : []));
    await this.advance([...timedOut, ...orders.filter(({ step }) => step !== null)]);
  }

  /**
   * Continues, in the background, the orders that now need a price or a restored basket. An order that cannot be priced, or
   * whose basket is unavailable, must not hold up the events of other orders.
   */
  continueInBackground(outcomes: readonly ChangeResult[]): void {
    const advanced = new Map<string, StandingOrder>();
    for (const outcome of outcomes) {
      if (!outcome || 'failure' in outcome || outcome.before.step === outcome.after.step) continue;
      advanced.set(orderKey(outcome.after), outcome.after);
    }
    const orders = [...advanced.values()].filter(({ step }) => step === 'price' || step === 'restore');
    const taken = orders.slice(0, BACKGROUND_MAX - this.backgroundCount);
    if (taken.length === 0 || this.stopped) return;
    this.backgroundCount += taken.length;
    const running = this.advance(taken)
      .catch((error: unknown) => this.options.logger.warn('steps not finished', errorFields(error)))
      .finally(() => {
        this.backgroundCount -= taken.length;
        this.background.delete(running);
      });
    this.background.add(running);
  }

  /** Starts no more background work; resolves when the running work is done. Remaining steps are found by their rows. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.background);
  }

  /** Requests step after step, until the orders have no step or a request stays unanswered. */
  private async advance(orders: readonly StandingOrder[]): Promise<void> {
    for (let open = wantedBy(orders); open.length > 0; ) {
      const asked = new Map(open.map(({ order, step }) => [orderKey(order), step]));
      const outcomes = await this.options.changes.change(await this.ask(open));
      const after = outcomes.flatMap((outcome) => (outcome && 'after' in outcome ? [outcome.after] : []));
      open = this.stopped ? [] : wantedBy(after).filter(({ order, step }) => asked.get(orderKey(order)) !== step);
    }
  }

  /** Requests one step. A bug affects this order alone: it is logged, and the other requests continue. */
  private async askOne(wanted: WantedStep): Promise<{ answer: StepOutcome; changes: Change[] }> {
    try {
      return await this.answered(wanted);
    } catch (error) {
      const { order: { id: orderId, traceparent }, step } = wanted;
      const level = isFailure(error) ? 'warn' : 'error';
      this.options.logger[level]('step failed', { orderId, step, traceId: traceIdOf(traceparent), ...errorFields(error) });
      return { answer: { unanswered: error }, changes: [] };
    }
  }

  private async answered(wanted: WantedStep): Promise<{ answer: StepOutcome; changes: Change[] }> {
    const { order: { tenant, id }, step } = wanted;
    const { market, prices, restores } = this.options;
    if (step === 'price') {
      const answer = await prices.final(wanted.order);
      return { answer, changes: 'answer' in answer ? [{ tenant, id, to: priced, price: answer.answer }] : this.changesWithoutAnswer(wanted, answer) };
    }
    if (step === 'restore') {
      const answer = await restores.ask(wanted.order);
      return { answer, changes: 'answer' in answer ? [{ tenant, id, to: restored }] : this.changesWithoutAnswer(wanted, answer) };
    }
    const answer = await market.ask(step, wanted.order);
    if (!('answer' in answer)) return { answer, changes: this.changesWithoutAnswer(wanted, answer) };
    return { answer, changes: [{ tenant, id, to: (state) => follow(state, answer.answer) }] };
  }

  /** The changes of a step that was refused, or not answered. */
  private changesWithoutAnswer({ order, step }: WantedStep, answer: Exclude<StepOutcome, { answer: unknown }>): Change[] {
    const { tenant, id, traceparent } = order;
    const fields = { orderId: id, step, traceId: traceIdOf(traceparent) };
    if ('unanswered' in answer) {
      this.options.logger.warn('step not answered', { ...fields, ...errorFields(answer.unanswered) });
      return [];
    }
    // A market refuses only one step for good: to hand out expired goods.
    if (step === 'fulfil') return [{ tenant, id, to: giveUpFulfilling }];
    this.options.logger.error('step refused', { ...fields, ...errorFields(answer.refused) });
    // A refused restore leaves the basket unchanged. A refused price is requested again until the reservation ends.
    return step === 'restore' ? [{ tenant, id, to: restored }] : [];
  }
}

function wantedBy(orders: readonly StandingOrder[]): WantedStep[] {
  return orders.flatMap((order) => (order.step === null ? [] : [{ order, step: order.step }]));
}
