import type { OutboxRelay } from '@aisle/events';
import type { Runtime } from '@aisle/std';
import { traceIdOf, type Logger } from '@aisle/platform';
import type { Change, ChangeResult, StandingOrder } from './change-set.ts';
import type { OrdersRepository } from './orders.repository.ts';
import { batched } from './batched.ts';

/** The parts that `OrderChanges` uses. */
export interface OrderChangesOptions {
  readonly repository: Pick<OrdersRepository, 'change'>;
  readonly runtime: Pick<Runtime, 'defer'>;
  readonly logger: Logger;
  /** Publishes the committed events. */
  readonly relay: Pick<OutboxRelay, 'hint'>;
}

/** Changes orders, and logs each change of status or risk. */
export class OrderChanges {
  /** Changes one order. Concurrent calls share a transaction. */
  readonly changeOne: (change: Change) => Promise<ChangeResult>;
  private readonly stepListeners: (() => void)[] = [];

  constructor(private readonly options: OrderChangesOptions) {
    this.changeOne = batched(options.runtime, (changes) => this.change(changes));
  }

  /**
   * Calls `listener` after the commit of each change that leaves an order with an open step. The step must be requested again
   * if it stays unanswered.
   */
  onStep(listener: () => void): void {
    this.stepListeners.push(listener);
  }

  /** As `OrdersRepository.change`; logs after the commit. */
  async change(changes: readonly Change[]): Promise<ChangeResult[]> {
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
