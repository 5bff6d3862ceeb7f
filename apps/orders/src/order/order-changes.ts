import type { Logger } from '@aisle/telemetry';
import { traceIdOf } from '@aisle/telemetry';
import type { Change, Changed, StandingOrder } from './change-set.ts';
import type { OrdersRepository } from './orders.repository.ts';

/** What this needs of the repository. */
export type ChangesOrders = Pick<OrdersRepository, 'change'>;

/** Changes orders, and leaves a line in the log for each that came to stand otherwise. */
export class OrderChanges {
  constructor(
    private readonly options: {
      readonly repository: ChangesOrders;
      readonly logger: Logger;
      /** Something is committed. */
      readonly onChanged: () => void;
      /** Somebody is being asked something: should there be no answer, it is to be asked again. */
      readonly onStep: () => void;
    },
  ) {}

  /** As `OrdersRepository.change`; the lines are written once it is committed. */
  async change(changes: readonly Change[]): Promise<Changed[]> {
    const outcomes = await this.options.repository.change(changes);
    this.options.onChanged();
    for (const outcome of outcomes) {
      if (!outcome || 'failure' in outcome) continue;
      if (outcome.before.status !== outcome.after.status) this.log(outcome.after);
      if (outcome.before.atRisk !== outcome.after.atRisk) this.logRisk(outcome.after);
      if (outcome.after.step !== null) this.options.onStep();
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
