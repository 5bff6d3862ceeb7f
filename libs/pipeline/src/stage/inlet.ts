import { isAbnormal, stop, type Context, type Down, type ExitReason, type Outcome } from '@aisle/supervision';
import type { Piece } from '../dispatch/piece.ts';
import { Subscription, type SubscribeOptions } from '../dispatch/subscription.ts';
import type { OutletProtocol, StageMessage, StageProtocol } from './stage.ts';

/** A stage's subscriptions, as the consumer sees them. */
export class Inlet<I> {
  private readonly subscriptions = new Set<Subscription<I>>();

  /** Throws NoProcess where a producer is not there: its supervisor starts it before. */
  constructor(
    ctx: Context<StageProtocol> | Context<OutletProtocol>,
    subscriber: string,
    subscribeTo: readonly SubscribeOptions<I>[],
  ) {
    for (const options of subscribeTo) {
      ctx.monitor(options.to);
      const producer = options.to.whereis();
      if (producer === undefined) continue;
      const subscription = new Subscription<I>(producer, ctx.self, subscriber, options);
      this.subscriptions.add(subscription);
      producer.send(subscription satisfies StageMessage<I>);
    }
  }

  /** A producer is gone: undefined where this stage lives on. */
  lost({ ref, reason }: Down): Outcome<never, never> | undefined {
    let end: ExitReason | undefined;
    for (const subscription of this.subscriptions) {
      if (subscription.producer !== ref) continue;
      this.subscriptions.delete(subscription);
      const { cancel } = subscription;
      if (cancel === 'permanent' || (cancel === 'transient' && isAbnormal(reason))) end = reason;
    }
    return end === undefined ? undefined : stop(end);
  }
}

/** Tells the producer that everything that came of this piece is dealt with. */
export function acknowledge<I>(piece: Piece<I>): void {
  piece.subscription?.producer.send(piece satisfies StageMessage<I>);
}
