import { isFailure } from '@aisle/std';
import { errorFields, traceIdOf, type Logger } from '@aisle/platform';
import { orderKey, type Change, type Changed, type StandingOrder } from '../order/change-set.ts';
import type { OrderChanges } from '../order/order-changes.ts';
import { follow, giveUpFulfilling, priced, restored, timeOut, type OrderStep } from '../order/order.ts';
import type { OrderPrices } from '../pricing/order-prices.ts';
import type { MarketStock } from '../stock/market-stock.ts';
import type { BasketRestores } from './basket-restores.ts';
import type { Asked } from './patient-requests.ts';

/** What became of a step that was asked for. */
export type StepAnswer = Asked<unknown>;

export interface OrderStepsOptions {
  readonly changes: Pick<OrderChanges, 'change'>;
  readonly market: Pick<MarketStock, 'ask'>;
  readonly prices: Pick<OrderPrices, 'final'>;
  readonly restores: Pick<BasketRestores, 'ask'>;
  readonly logger: Logger;
}

/** A step, and the order that wants it. */
export interface WantedStep {
  readonly order: StandingOrder;
  readonly step: OrderStep;
}

/** Orders that are dealt with beside what else goes on; the others come when they are due. */
const BESIDE_MAX = 1_000;

/**
 * Does what orders want next. A step stands in the order's row before it is asked for, and until it is answered: a process
 * that ends in between, or gets no answer, leaves it to whoever finds the row due.
 */
export class OrderSteps {
  private readonly beside = new Set<Promise<void>>();
  private besideCount = 0;
  private stopped = false;

  constructor(private readonly options: OrderStepsOptions) {}

  /** Asks for the steps, all at once, and returns the changes that the answers make. */
  async ask(wanted: readonly WantedStep[]): Promise<Change[]> {
    return (await Promise.all(wanted.map((one) => this.askOne(one)))).flatMap(({ changes }) => changes);
  }

  /** Asks for one step, and follows its answer; what is wanted after it is not waited for. */
  async take(order: StandingOrder, step: OrderStep): Promise<{ answer: StepAnswer; after: StandingOrder }> {
    const { answer, changes } = await this.askOne({ order, step });
    const [outcome] = await this.options.changes.change(changes);
    this.goOn([outcome]);
    return { answer, after: outcome && 'after' in outcome ? outcome.after : order };
  }

  /** Orders that are due: nobody has decided about them for too long, or a step of theirs was not answered. */
  async resume(orders: readonly StandingOrder[]): Promise<void> {
    const silent = orders.filter(({ step }) => step === null);
    const outcomes = await this.options.changes.change(silent.map(({ tenant, id }) => ({ tenant, id, to: timeOut })));
    const timedOut = outcomes.flatMap((outcome) => (outcome && 'after' in outcome ? [outcome.after] : []));
    await this.advance([...timedOut, ...orders.filter(({ step }) => step !== null)]);
  }

  /**
   * Goes on with orders that came to want a price or their basket back. Nobody waits for that: one that can't be priced, or
   * whose basket is away, must not hold up the events of others.
   */
  goOn(outcomes: readonly Changed[]): void {
    const came = new Map<string, StandingOrder>();
    for (const outcome of outcomes) {
      if (!outcome || 'failure' in outcome || outcome.before.step === outcome.after.step) continue;
      came.set(orderKey(outcome.after), outcome.after);
    }
    const orders = [...came.values()].filter(({ step }) => step === 'price' || step === 'restore');
    const taken = orders.slice(0, BESIDE_MAX - this.besideCount);
    if (taken.length === 0 || this.stopped) return;
    this.besideCount += taken.length;
    const going = this.advance(taken)
      .catch((error: unknown) => this.options.logger.warn('steps not finished', errorFields(error)))
      .finally(() => {
        this.besideCount -= taken.length;
        this.beside.delete(going);
      });
    this.beside.add(going);
  }

  /** Resolves when what is under way is dealt with; what is left is found by its row. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.beside);
  }

  /** Step after step, until the orders want nothing more or nobody answers. */
  private async advance(orders: readonly StandingOrder[]): Promise<void> {
    for (let open = wantedBy(orders); open.length > 0; ) {
      const asked = new Map(open.map(({ order, step }) => [orderKey(order), step]));
      const outcomes = await this.options.changes.change(await this.ask(open));
      const after = outcomes.flatMap((outcome) => (outcome && 'after' in outcome ? [outcome.after] : []));
      open = this.stopped ? [] : wantedBy(after).filter(({ order, step }) => asked.get(orderKey(order)) !== step);
    }
  }

  /** A bug in dealing with one order is that order's alone: it is seen in the log, and what is asked beside goes on. */
  private async askOne(wanted: WantedStep): Promise<{ answer: StepAnswer; changes: Change[] }> {
    try {
      return await this.answered(wanted);
    } catch (error) {
      const { order: { id: orderId, traceparent }, step } = wanted;
      const level = isFailure(error) ? 'warn' : 'error';
      this.options.logger[level]('step failed', { orderId, step, traceId: traceIdOf(traceparent), ...errorFields(error) });
      return { answer: { unanswered: error }, changes: [] };
    }
  }

  private async answered(wanted: WantedStep): Promise<{ answer: StepAnswer; changes: Change[] }> {
    const { order: { tenant, id }, step } = wanted;
    const { market, prices, restores } = this.options;
    if (step === 'price') {
      const answer = await prices.final(wanted.order);
      return { answer, changes: 'answer' in answer ? [{ tenant, id, to: priced, price: answer.answer }] : this.without(wanted, answer) };
    }
    if (step === 'restore') {
      const answer = await restores.ask(wanted.order);
      return { answer, changes: 'answer' in answer ? [{ tenant, id, to: restored }] : this.without(wanted, answer) };
    }
    const answer = await market.ask(step, wanted.order);
    if (!('answer' in answer)) return { answer, changes: this.without(wanted, answer) };
    return { answer, changes: [{ tenant, id, to: (state) => follow(state, answer.answer) }] };
  }

  /** What is done without an answer. */
  private without({ order, step }: WantedStep, answer: Exclude<StepAnswer, { answer: unknown }>): Change[] {
    const { tenant, id, traceparent } = order;
    const fields = { orderId: id, step, traceId: traceIdOf(traceparent) };
    if ('unanswered' in answer) {
      this.options.logger.warn('step not answered', { ...fields, ...errorFields(answer.unanswered) });
      return [];
    }
    // To hand goods out that have expired is the one thing that a market may refuse for good.
    if (step === 'fulfil') return [{ tenant, id, to: giveUpFulfilling }];
    this.options.logger.error('step refused', { ...fields, ...errorFields(answer.refused) });
    // The shopper's basket stays as it is. A price is asked for again until the reservation of the order runs out.
    return step === 'restore' ? [{ tenant, id, to: restored }] : [];
  }
}

function wantedBy(orders: readonly StandingOrder[]): WantedStep[] {
  return orders.flatMap((order) => (order.step === null ? [] : [{ order, step: order.step }]));
}
