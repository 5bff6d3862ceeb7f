import {
  isAbnormal, stop, type Context, type Down, type ExitReason, type Outcome, type Ref, type Unchecked,
} from '@aisle/supervision';
import type { Outlet } from '../dispatch/outlet.ts';
import { Freed, type Delivery } from '../dispatch/delivery.ts';
import { StageGroup } from '../dispatch/stage-group.ts';
import { Subscription, type SubscribeOptions } from '../dispatch/subscription.ts';
import { Joined, type OutletProtocol, type StageMessage, type StageProtocol } from './stage.ts';

/** The outlets of producers that live: what is wrong with a subscription is the subscriber's own failure. */
export const outletOf = new WeakMap<Ref, Pick<Outlet<Unchecked>, 'check'>>();

// A producer that waits for nothing else members out the next delivery while the turn that dealt with this one ends.
const AT_ONCE = { atOnce: true };

/** A stage's subscriptions, as the consumer sees them. */
export class Inlet<I> {
  private readonly subscriptions = new Set<Subscription<I>>();

  /** Throws NoProcess where a producer is not there: its supervisor starts it before. */
  constructor(
    private readonly ctx: Context<StageProtocol> | Context<OutletProtocol>,
    private readonly subscriber: string,
    subscribeTo: readonly SubscribeOptions<I>[],
  ) {
    const { self } = ctx;
    for (const options of subscribeTo) {
      const { to } = options;
      if (!(to instanceof StageGroup)) {
        ctx.monitor(to);
        this.subscribe(to.whereis(), options);
        continue;
      }
      // Another stage calls this while it starts: it's this stage's own turn that subscribes.
      to.follow(self, (member) => void self.send(new Joined(member, options) satisfies StageMessage));
    }
  }

  /** Somebody has joined a group that this stage subscribes to. */
  join({ member, options }: Joined<I>): void {
    if (!member.alive) return;
    this.ctx.monitor(member);
    this.subscribe(member, options);
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

  private subscribe(producer: Ref | undefined, options: SubscribeOptions<I>): void {
    if (producer === undefined) return;
    const subscription = new Subscription<I>(producer, this.ctx.self, this.subscriber, options);
    outletOf.get(producer)?.check(subscription);
    this.subscriptions.add(subscription);
    producer.send(subscription satisfies StageMessage<I>);
  }
}

/**
 * False for a delivery that went back while it waited here: its producer has ended, and gives it again when
 * it has started again.
 */
export function isWanted({ isOut, subscription }: Delivery<never>): boolean {
  return isOut && subscription?.producer.alive === true;
}

/** Tells the producer that everything that came of this delivery is dealt with. */
export function acknowledge<I>(delivery: Delivery<I>): void {
  const producer = delivery.subscription?.producer;
  if (producer?.alive) producer.send(delivery satisfies StageMessage<I>, AT_ONCE);
}

/** Tells the producer that there is room again for as much as this delivery holds. */
export function free<I>(delivery: Delivery<I>): void {
  const route = delivery.subscription;
  if (!route?.isFreedEarly || !route.producer.alive) return;
  route.producer.send(new Freed(delivery) satisfies StageMessage<I>);
}
