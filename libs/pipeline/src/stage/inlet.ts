import {
  isAbnormal, stop, type Context, type Down, type ExitReason, type Outcome, type Ref, type Unchecked,
} from '@aisle/supervision';
import type { Outlet } from '../dispatch/outlet.ts';
import { Freed, type Delivery } from '../dispatch/delivery.ts';
import { StageGroup } from '../dispatch/stage-group.ts';
import { Subscription, type SubscribeOptions } from '../dispatch/subscription.ts';
import { Joined, type OutletProtocol, type StageMessage, type StageProtocol } from './stage.ts';

/** The outlets of living producers, so that a wrong subscription fails its subscriber and not the producer. */
export const outletOf = new WeakMap<Ref, Pick<Outlet<Unchecked>, 'check'>>();

// An idle producer sends its next delivery within the turn that ends this one.
const AT_ONCE = { atOnce: true };

/** A stage's subscriptions, on the consumer's side. */
export class Inlet<I> {
  private readonly subscriptions = new Set<Subscription<I>>();

  /** Throws ProcessFailure.noproc if a producer is not there. Its supervisor must start it before. */
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
      // Another stage calls this at its start, so a message makes this stage subscribe in its own turn.
      to.follow(self, (member) => void self.send(new Joined(member, options) satisfies StageMessage));
    }
  }

  /** A process has joined a group to which this stage subscribes. */
  join({ member, options }: Joined<I>): void {
    if (!member.alive) return;
    this.ctx.monitor(member);
    this.subscribe(member, options);
  }

  /** A producer is gone. Returns undefined if this stage lives on. */
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
 * False for a delivery that was returned while it waited here: its producer has ended, and gives it again after its
 * restart.
 */
export function isWanted({ isOut, subscription }: Delivery<never>): boolean {
  return isOut && subscription?.producer.alive === true;
}

/** Tells the producer that all results of this delivery are settled. */
export function acknowledge<I>(delivery: Delivery<I>): void {
  const producer = delivery.subscription?.producer;
  if (producer?.alive) producer.send(delivery satisfies StageMessage<I>, AT_ONCE);
}

/** Tells the producer that there is room again for a delivery of this size. */
export function free<I>(delivery: Delivery<I>): void {
  const route = delivery.subscription;
  if (!route?.isFreedEarly || !route.producer.alive) return;
  route.producer.send(new Freed(delivery) satisfies StageMessage<I>);
}
