import { checkFunction } from '@aisle/std';
import {
  genServer, noReply, ok, reply, stop, type Address, type ChildSpec, type Context, type Down, type Exit,
  type From, type MaybePromise, type Outcome, type Ref, type Unchecked,
} from '@aisle/supervision';
import type { Outlet } from '../dispatch/outlet.ts';
import { Freed, Delivery } from '../dispatch/delivery.ts';
import { Subscription } from '../dispatch/subscription.ts';
import { PipelineFailure } from '../failures.ts';
import { Handover, type Ending } from './handover.ts';
import type { Faults } from './faults.ts';
import { outletOf } from './inlet.ts';
import {
  BOUND_BY_DEMAND, childOptionsOf, holderOf, isDown, isPromise, type OutletOptions, type StageContext, type StageMessage,
  type StageOptions, type ProducerProtocol,
} from './stage.ts';

/** The result of `handleDemand` when there will never be more events. */
export const ended = Symbol('ended');

/** A source of events. One is made for each start of its stage. */
export interface Producer<E> {
  /**
   * Returns at most `demand` events: at once, or by a promise once there are some, which blocks nothing else. A
   * producer that returned fewer is asked again with the next demand, or after `wake`.
   */
  handleDemand(demand: number): MaybePromise<readonly E[] | typeof ended>;
  /**
   * A batch, the very same array, is acknowledged: every event is with the sink or dead-lettered. After a crash the
   * batches of the predecessor come here, too.
   */
  handleAck?(events: readonly E[]): void;
  /** Called when a drain begins. No demand follows, so a pending one need not wait for more events. */
  handleDrain?(): void;
  /** The stage ends. */
  close?(): MaybePromise<void>;
}

/** The options of a producer's stage. */
export interface ProducerOptions<E> extends StageOptions, OutletOptions<E> {}

interface Args<E> extends ProducerOptions<E> {
  make(ctx: StageContext): Producer<E>;
  readonly handover: Handover<E>;
}

class ProducerStage<E> {
  private readonly producer: Producer<E>;
  private readonly outlet: Outlet<E>;
  private readonly turn: Outcome<never, this> = noReply(this);
  private readonly subscribers = new Map<Ref, Subscription<E>>();
  private isEnded = false;
  /** This process was asked to make no more. A drain of the whole pipeline is recorded in the handover. */
  private isDraining = false;
  /** The reason for the end: the source has no more events, or failed. */
  private ending: { readonly ending: Ending } | { readonly failure: unknown } = { ending: 'drained' };
  private isPulling = false;
  private failure: { error: unknown } | undefined = undefined;

  constructor(
    private readonly args: Args<E>,
    private readonly ctx: Context<ProducerProtocol>,
  ) {
    const holder = holderOf(ctx, args.onCrash);
    this.outlet = args.handover.outlet;
    this.outlet.takeOver(holder);
    args.handover.takenOver();
    outletOf.set(ctx.self, this.outlet);
    // The process was killed during a pull. The result is taken all the same, and need not wait for more.
    if (args.handover.pulls > 0) args.handover.producer?.handleDrain?.();
    this.producer = args.make({ runtime: ctx.runtime, wake: () => holder.wake() });
    args.handover.producer = this.producer;
    args.group?.join(ctx.self);
  }

  /** Any error of the producer is a crash, even a Failure, because there is no caller to refuse. */
  handle(message: StageMessage<E> | Down | Exit): Outcome<never, this> {
    try {
      if (message instanceof Delivery) this.outlet.acknowledge(message);
      else if (message instanceof Freed) this.outlet.free(message.delivery);
      else if (message instanceof Subscription) this.subscribe(message);
      else if (isDown(message)) this.down(message);
      return this.goOn();
    } catch (error) {
      this.args.onCrash?.(error);
      return stop({ error });
    }
  }

  /** Answers once everything is acknowledged. Asks for no more if `isLast`. */
  settle(from: From<void>, isLast: boolean): Outcome<never, this> {
    const { handover } = this.args;
    if (isLast) this.isDraining = true;
    void handover.finished().then(() => from.reply(), (failure: unknown) => from.fail(failure));
    return noReply(this);
  }

  close(): MaybePromise<void> {
    return this.producer.close?.();
  }

  counts(): Outlet<E>['counts'] {
    return this.outlet.counts;
  }

  private subscribe(subscription: Subscription<E>): void {
    // The consumer died while this stage was busy. Its successor may be in the mailbox as well, and two of them would
    // break the order of events.
    if (!subscription.consumer.alive || subscription.partition >= this.outlet.partitions) return;
    this.outlet.subscribe(subscription);
    this.ctx.monitor(subscription.consumer);
    this.subscribers.set(subscription.consumer, subscription);
  }

  private down({ ref, reason }: Down): void {
    const subscription = this.subscribers.get(ref);
    if (subscription === undefined) return;
    this.subscribers.delete(ref);
    this.outlet.unsubscribe(subscription, reason === 'normal' ? 'left' : 'died');
  }

  private goOn(): Outcome<never, this> {
    if (this.failure !== undefined) throw this.failure.error;
    this.outlet.flush();
    if (this.isDraining || this.args.handover.isDraining) this.stopPulling();
    if (!this.isEnded && !this.isPulling) this.pull();
    const { handover } = this.args;
    if (!this.isEnded || handover.pulls > 0) return this.turn;
    this.outlet.lull();
    if (this.outlet.isEmpty && !handover.isOver) handover.end(this.ending);
    return this.turn;
  }

  private stopPulling(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.producer.handleDrain?.();
  }

  private pull(): void {
    const demand = this.outlet.wanted();
    if (demand <= 0) return;
    const { faults } = this.args;
    let made: ReturnType<Producer<E>['handleDemand']>;
    try {
      made = faults === undefined ? this.producer.handleDemand(demand) : this.suffer(faults, demand);
    } catch (error) {
      return this.broke(error);
    }
    if (isPromise(made)) this.await(made, demand);
    else this.take(made, demand);
  }

  /** A source that is broken for good ends the producer. Any other error crashes it. */
  private broke(error: unknown): void {
    if (!PipelineFailure.sourceFailed.is(error)) throw error;
    this.isEnded = true;
    this.ending = { failure: error };
    this.outlet.holder?.report(error, true);
  }

  // Separate, because a function that contains a closure allocates for it with every pull.
  private suffer(faults: Faults, demand: number): ReturnType<Producer<E>['handleDemand']> {
    return faults.run('producer', this.ctx.runtime, () => this.producer.handleDemand(demand));
  }

  /** The result of a pull enters the outlet even if this process has died, because the outlet outlives it. */
  private await(made: PromiseLike<readonly E[] | typeof ended>, demand: number): void {
    const { outlet, args: { handover } } = this;
    this.isPulling = true;
    handover.pulls += 1;
    outlet.asked += demand;
    const isStillAsked = outlet.holder;
    const settle = (run: () => void): void => {
      this.isPulling = false;
      handover.pulls -= 1;
      if (outlet.holder === isStillAsked) outlet.asked -= demand;
      try {
        run();
      } catch (error) {
        this.failure = { error };
      }
      outlet.holder?.wake();
    };
    made.then(
      (events) => settle(() => this.take(events, demand)),
      (error: unknown) => settle(() => this.broke(error)),
    );
  }

  private take(events: readonly E[] | typeof ended, demand: number): void {
    if (events === ended) {
      this.isEnded = true;
      this.ending = { ending: 'ended' };
      return;
    }
    if (!Array.isArray(events)) throw new TypeError(`a producer made ${String(events)}; it makes an array of events, or \`ended\``);
    if (events.length === 0) return;
    const batch: readonly E[] = events;
    this.outlet.emit(batch, batch, this.args.handover);
    this.outlet.flush();
    // Surplus events are kept all the same: there is no other copy, so they would be lost.
    if (batch.length > demand) throw new RangeError(`${batch.length} events for a demand of ${demand}`);
  }
}

const server = genServer<ProducerProtocol, ProducerStage<unknown>, Args<unknown>>({
  name: 'Producer',
  trapExit: true,
  mailbox: BOUND_BY_DEMAND,
  init: (args, ctx) => ok(new ProducerStage(args, ctx)),
  handleCall: {
    counts: (stage) => reply(stage.counts(), stage),
    drain: (stage, _request, from) => stage.settle(from, true),
    finished: (stage, _request, from) => stage.settle(from, false),
  },
  handleInfo: (stage, message) => stage.handle(message),
  terminate: (_reason, stage) => stage.close(),
});

/**
 * A producing stage. Its specification is for one stage. Emitted events that nobody has acknowledged are kept in it and
 * outlive the process. So after a crash only the state that `make` closes over decides about the next events.
 */
export function producer<E>(
  make: (ctx: StageContext) => Producer<E>,
  options: ProducerOptions<E>,
): ChildSpec<Unchecked, ProducerProtocol> {
  checkFunction('make', make);
  return heir(new Handover(options), make, options);
}

/** The stage that owns a handover, at each start. */
export function heir<E>(
  handover: Handover<E>,
  make: (ctx: StageContext) => Producer<E>,
  options: ProducerOptions<E>,
): ChildSpec<Unchecked, ProducerProtocol> {
  const args: Args<E> = { ...options, make, handover };
  return server.childSpec(args as unknown as Args<unknown>, childOptionsOf(options));
}

/** Lets a producer make no more, and resolves once all of its events are acknowledged or dead-lettered. */
export function drain(stage: Address<ProducerProtocol>): Promise<void> {
  return stage.call('drain', undefined, { timeoutMs: 'infinity' });
}

/** Resolves once a producer has `ended` and all of its events are acknowledged or dead-lettered. */
export function finished(stage: Address<ProducerProtocol>): Promise<void> {
  return stage.call('finished', undefined, { timeoutMs: 'infinity' });
}
