import { checkFunction } from '@aisle/std';
import {
  genServer, noReply, ok, stop, type ChildSpec, type Context, type Down, type Exit, type MaybePromise,
  type Outcome, type Unchecked,
} from '@aisle/supervision';
import { Delivery } from '../dispatch/delivery.ts';
import type { SubscribeOptions } from '../dispatch/subscription.ts';
import type { Faults } from './faults.ts';
import { acknowledge, Inlet, isWanted } from './inlet.ts';
import {
  BOUND_BY_DEMAND, childOptionsOf, isDown, Joined, type StageContext, type StageMessage, type StageOptions, type StageProtocol,
} from './stage.ts';

/** A sink of events. One is made for each start of its stage. */
export interface Consumer<I> {
  /**
   * Handles events, one batch after another. They are acknowledged when this has returned or its promise has resolved:
   * they must be safe by then. An error crashes the stage, and the events come back.
   */
  handleEvents(events: readonly I[]): MaybePromise<void>;
  /** The stage ends. */
  close?(): void;
}

/** The options of a consumer's stage. */
export interface ConsumerOptions<I> extends StageOptions {
  readonly subscribeTo: readonly SubscribeOptions<I>[];
}

interface Args<I> extends ConsumerOptions<I> {
  make(ctx: StageContext): Consumer<I>;
}

class ConsumerStage<I> {
  private readonly consumer: Consumer<I>;
  private readonly inlet: Inlet<I>;
  private readonly turn: Outcome<never, this> = noReply(this);

  constructor(
    private readonly args: Args<I>,
    private readonly ctx: Context<StageProtocol>,
  ) {
    this.consumer = args.make({ runtime: ctx.runtime, wake: () => undefined });
    this.inlet = new Inlet(ctx, args.id, args.subscribeTo);
  }

  handle(message: StageMessage<I> | Down | Exit): MaybePromise<Outcome<never, this>> {
    if (message instanceof Delivery) return this.take(message);
    if (message instanceof Joined) this.inlet.join(message);
    return (isDown(message) && this.inlet.lost(message)) || this.turn;
  }

  close(): void {
    this.consumer.close?.();
  }

  private take(delivery: Delivery<I>): MaybePromise<Outcome<never, this>> {
    if (!isWanted(delivery as Delivery<never>)) return this.turn;
    delivery.isSuspect = true;
    try {
      const done = this.work(delivery.events);
      if (typeof (done as PromiseLike<void> | undefined)?.then !== 'function') return this.done(delivery);
      return this.await(done as PromiseLike<void>, delivery);
    } catch (error) {
      return this.crash(error);
    }
  }

  private await(working: PromiseLike<void>, delivery: Delivery<I>): PromiseLike<Outcome<never, this>> {
    return working.then(() => this.done(delivery), (error: unknown) => this.crash(error));
  }

  private crash(error: unknown): Outcome<never, never> {
    this.args.onCrash?.(error);
    return stop({ error });
  }

  private work(events: readonly I[]): MaybePromise<void> {
    const { faults } = this.args;
    return faults === undefined ? this.consumer.handleEvents(events) : this.suffer(faults, events);
  }

  // Separate, like `await`: a function that contains a closure allocates for it with every batch.
  private suffer(faults: Faults, events: readonly I[]): MaybePromise<void> {
    return faults.run('consumer', this.ctx.runtime, () => this.consumer.handleEvents(events));
  }

  private done(delivery: Delivery<I>): Outcome<never, this> {
    delivery.isSuspect = false;
    acknowledge(delivery);
    return this.turn;
  }
}

const server = genServer<StageProtocol, ConsumerStage<unknown>, Args<unknown>>({
  name: 'Consumer',
  trapExit: true,
  mailbox: BOUND_BY_DEMAND,
  init: (args, ctx) => ok(new ConsumerStage(args, ctx)),
  handleInfo: (stage, message) => stage.handle(message),
  terminate: (_reason, stage) => stage.close(),
});

/** A stage that only takes events. The acknowledgements of a pipeline begin here. */
export function consumer<I>(
  make: (ctx: StageContext) => Consumer<I>,
  options: ConsumerOptions<I>,
): ChildSpec<Unchecked, StageProtocol> {
  checkFunction('make', make);
  const args: Args<I> = { ...options, make };
  return server.childSpec(args as unknown as Args<unknown>, childOptionsOf(options));
}
