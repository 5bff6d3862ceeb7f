import type { OutboxRelay } from '@aisle/events';
import type { Runtime } from '@aisle/std';
import { traceIdOf, type Logger } from '@aisle/platform';
import type { Change, Changed, StandingOrder } from './change-set.ts';
import type { OrdersRepository } from './orders.repository.ts';
import { together } from './together.ts';

export interface OrderChangesOptions {
  readonly repository: Pick<OrdersRepository, 'change'>;
  readonly runtime: Pick<Runtime, 'defer'>;
  readonly logger: Logger;
  /** Publishes what is committed. */
  readonly relay: Pick<OutboxRelay, 'hint'>;
}

/** Changes orders, and leaves a line in the log for each that came to stand otherwise. */
export class OrderChanges {
  /** Changes one order, together with whatever else is changed at the moment. */
  readonly changeOne: (change: Change) => Promise<Changed>;
  private readonly stepListeners: (() => void)[] = [];

  constructor(private readonly options: OrderChangesOptions) {
    this.changeOne = together(options.runtime, (changes) => this.change(changes));
  }

  /** Calls `listener` whenever an order wants a step, once its row says so: without an answer, it has to be asked again. */
  onStep(listener: () => void): void {
    this.stepListeners.push(listener);
  }

  /** As `OrdersRepository.change`; the lines are written once it is committed. */
  async change(changes: readonly Change[]): Promise<Changed[]> {
    const outcomes = await this.options.repository.change(changes);
    this.options.relay.hint();
    for (const outcome of outcomes) {
      if (!outcome || 'failure' in outcome) continue;
      if (outcome.before.status !== outcome.after.status) this.log(outcome.after);
      if (outcome.before.atRisk !== outcome.after.atRisk) this.logRisk(outcome.after);
      if (outcome.after.step !== null) for (const listener of this.stepListeners) listener();
    }
    return outcomes;
  }

  private logRisk({ id: orderId, market, atRisk, traceparent }: StandingOrder): void {
    if (atRisk.length > 0) this.options.logger.warn('order at risk', { orderId, market, skus: atRisk, traceId: traceIdOf(traceparent) });
  }

  private log({ id: orderId, market, status, reason, traceparent }: StandingOrder): void {
    const traceId = traceIdOf(traceparent);
    this.options.logger.info(`order ${status.toLowerCase()}`, { orderId, market, ...(reason ? { reason } : {}), traceId });
  }
}
