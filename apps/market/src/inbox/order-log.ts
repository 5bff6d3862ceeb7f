import type { EnvelopeHeader } from '@aisle/broker';
import type { ReserveReply, StockReply } from '@aisle/contracts';
import { traceIdOf, type Logger } from '@aisle/platform';
import type { Action } from '../market/command.ts';

const FACTS = { reserve: 'stock reserved', commit: 'stock committed', release: 'stock released', fulfil: 'stock fulfilled' };

/** Logs each change of an order's stock with the order's trace. */
export class OrderLog {
  constructor(private readonly logger: Logger) {}

  /** Logs the result of an action on an order. */
  write(
    { market, traceparent }: EnvelopeHeader,
    { kind, order: { orderId } }: Extract<Action, { order: unknown }>,
    reply: ReserveReply | StockReply,
  ): void {
    const became = 'standing' in reply ? reply.standing : reply.outcome;
    const isDone = became === { reserve: 'reserved', commit: 'committed', release: 'released', fulfil: 'fulfilled' }[kind];
    const reason = 'reason' in reply ? { reason: reply.reason } : {};
    this.logger.info(isDone ? FACTS[kind] : 'stock refused', { traceId: traceIdOf(traceparent), orderId, market, became, ...reason });
  }
}
