import {
  noReply, stop, type Context, type Down, type Exit, type MaybePromise, type Outcome, type Ref,
} from '@aisle/supervision';
import { Outlet } from '../dispatch/outlet.ts';
import { Freed, Delivery } from '../dispatch/delivery.ts';
import { LULL, Subscription } from '../dispatch/subscription.ts';
import type { ConsumerOptions } from './consumer.ts';
import { Inlet, isWanted, outletOf } from './inlet.ts';
import {
  Due, holderOf, isDown, Joined, type OutletOptions, type OutletProtocol, type StageMessage,
} from './stage.ts';

/** The options of a stage with stages above and below it. */
export interface MiddleOptions<I, O> extends ConsumerOptions<I>, OutletOptions<O> {}

/** The common part of stages that take events and emit others. They differ in the work on an input. */
export abstract class MiddleStage<I, O> {
  // It ends with its process, and its events come again from above.
  protected readonly outlet: Outlet<O>;
  protected readonly turn: Outcome<never, this> = noReply(this);
  private inlet!: Inlet<I>;
  private readonly subscribers = new Map<Ref, Subscription<O>>();
  /** Deliveries that wait for demand from below. The demand above bounds them. */
  private readonly inputs: Delivery<I>[] = [];
  /** True while no further events are expected from above. */
  private isLull = false;

  constructor(
    protected readonly options: MiddleOptions<I, O>,
    protected readonly ctx: Context<OutletProtocol>,
  ) {
    this.outlet = new Outlet(options.dispatcher, options.retry, options.isStrict);
    this.outlet.takeOver(holderOf(ctx, options.onCrash));
    outletOf.set(ctx.self, this.outlet);
  }

  abstract close(): void;

  handle(message: StageMessage | Down | Exit): MaybePromise<Outcome<never, this>> {
    if (message instanceof Delivery) this.receive(message as Delivery<I> | Delivery<O>);
    else if (message instanceof Freed) this.outlet.free(message.delivery);
    else if (message instanceof Subscription) this.subscribe(message);
    else if (message instanceof Joined) this.inlet.join(message);
    else if (message === LULL) this.isLull = true;
    else if (message instanceof Due) this.due(message.what);
    else if (isDown(message)) {
      const end = this.down(message);
      if (end !== undefined) return end;
    }
    return this.goOn();
  }

  counts(): Outlet<O>['counts'] {
    return this.outlet.counts;
  }

  /** Does the work of one input, at once or by a promise. An error is a crash. */
  protected abstract work(input: Delivery<I>): MaybePromise<void>;

  /** The time of a `Due` message of this stage has come. */
  protected due(_what: unknown): void {
    // Most stages wait for nothing.
  }

  /** Passes held events on, because no further ones are expected for now. */
  protected abstract letGo(): void;

  /** Joins its pipeline. The constructor calls this last. */
  protected open(): void {
    const { id, subscribeTo, group } = this.options;
    this.inlet = new Inlet(this.ctx, id, subscribeTo);
    group?.join(this.ctx.self);
  }

  protected crash(error: unknown): Outcome<never, never> {
    this.options.onCrash?.(error);
    return stop({ error });
  }

  protected goOn(): MaybePromise<Outcome<never, this>> {
    this.outlet.flush();
    try {
      while (this.inputs.length > 0 && this.outlet.wanted() > 0) {
        const input = this.inputs.shift() as Delivery<I>;
        if (!isWanted(input as Delivery<never>)) continue;
        input.isSuspect = true;
        const working = this.work(input);
        if (typeof (working as PromiseLike<void> | undefined)?.then === 'function') {
          return this.await(working as PromiseLike<void>, input);
        }
        this.worked(input);
      }
      if (this.isLull && this.inputs.length === 0) this.lull();
    } catch (error) {
      return this.crash(error);
    }
    return this.turn;
  }

  private worked(input: Delivery<I>): void {
    input.isSuspect = false;
    this.outlet.flush();
  }

  private lull(): void {
    this.letGo();
    this.outlet.flush();
    this.outlet.lull();
  }

  private await(working: PromiseLike<void>, input: Delivery<I>): PromiseLike<Outcome<never, this>> {
    return working.then(
      () => {
        this.worked(input);
        return this.goOn();
      },
      (error: unknown) => this.crash(error),
    );
  }

  private receive(delivery: Delivery<I> | Delivery<O>): void {
    if (delivery.subscription?.consumer !== this.ctx.self) {
      this.outlet.acknowledge(delivery as Delivery<O>);
      return;
    }
    this.isLull = false;
    this.inputs.push(delivery as Delivery<I>);
  }

  private subscribe(subscription: Subscription<O>): void {
    // The consumer died while this stage was busy. Its successor may be in the mailbox as well, and two of them would
    // break the order of events.
    if (!subscription.consumer.alive || subscription.partition >= this.outlet.partitions) return;
    this.outlet.subscribe(subscription);
    this.ctx.monitor(subscription.consumer);
    this.subscribers.set(subscription.consumer, subscription);
  }

  private down(down: Down): Outcome<never, never> | undefined {
    const subscription = this.subscribers.get(down.ref);
    if (subscription === undefined) return this.inlet.lost(down);
    this.subscribers.delete(down.ref);
    this.outlet.unsubscribe(subscription, down.reason === 'normal' ? 'left' : 'died');
    return undefined;
  }
}
