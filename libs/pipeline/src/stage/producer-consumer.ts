import {
  genServer, noReply, ok, reply, stop, type ChildSpec, type Context, type Down, type Exit,
  type MaybePromise, type Outcome, type Ref, type Unchecked,
} from '@aisle/supervision';
import { Outlet } from '../dispatch/outlet.ts';
import { Piece, type Owner } from '../dispatch/piece.ts';
import { Subscription } from '../dispatch/subscription.ts';
import type { ConsumerOptions } from './consumer.ts';
import { acknowledge, Inlet } from './inlet.ts';
import {
  BOUND_BY_DEMAND, holderOf, WAKE, type OutletOptions, type StageContext, type StageMessage,
  type OutletProtocol,
} from './stage.ts';

/** Turns events into others. One is made for each start of its stage. */
export interface ProducerConsumer<I, O> {
  /**
   * What becomes of these events: any number of others. They are acknowledged once all that came of them
   * is, so after a crash they come again, and what came of them may, too.
   */
  handleEvents(events: readonly I[]): MaybePromise<readonly O[]>;
  /** The stage ends. */
  close?(): void;
}

/** How a producer-consumer's stage is made. */
export interface ProducerConsumerOptions<I, O> extends ConsumerOptions<I>, OutletOptions<O> {}

interface Args<I, O> extends ProducerConsumerOptions<I, O> {
  make(ctx: StageContext): ProducerConsumer<I, O>;
}

class ProducerConsumerStage<I, O> implements Owner<Piece<I>> {
  private readonly worker: ProducerConsumer<I, O>;
  private readonly inlet: Inlet<I>;
  // It ends with its process: what was in it comes again from above.
  private readonly outlet: Outlet<O>;
  private readonly subscribers = new Map<Ref, Subscription<O>>();
  /** Deliveries that wait for demand from below; what is demanded above bounds them. */
  private readonly inputs: Piece<I>[] = [];
  private readonly turn: Outcome<never, this> = noReply(this);

  constructor(
    private readonly args: Args<I, O>,
    private readonly ctx: Context<OutletProtocol>,
  ) {
    const holder = holderOf(ctx);
    this.outlet = new Outlet(args.dispatcher, args.retry);
    this.outlet.takeOver(holder);
    this.worker = args.make({ runtime: ctx.runtime, wake: () => holder.wake() });
    this.inlet = new Inlet(ctx, args.id, args.subscribeTo);
  }

  handle(message: StageMessage | Down | Exit): MaybePromise<Outcome<never, this>> {
    if (message instanceof Piece) this.receive(message as Piece<I> | Piece<O>);
    else if (message instanceof Subscription) this.subscribe(message);
    else if (message !== WAKE && message.type === 'down') {
      const end = this.down(message);
      if (end !== undefined) return end;
    }
    return this.goOn();
  }

  /** All that came of an input is dealt with. */
  settled(input: Piece<I>): void {
    acknowledge(input);
  }

  flow(): Outlet<O>['flow'] {
    return this.outlet.flow;
  }

  close(): void {
    this.worker.close?.();
  }

  private receive(piece: Piece<I> | Piece<O>): void {
    if (piece.subscription?.consumer === this.ctx.self) this.inputs.push(piece as Piece<I>);
    else this.outlet.acknowledge(piece as Piece<O>);
  }

  private subscribe(subscription: Subscription<O>): void {
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

  private goOn(): MaybePromise<Outcome<never, this>> {
    this.outlet.flush();
    try {
      while (this.inputs.length > 0 && this.outlet.wanted() > 0) {
        const input = this.inputs.shift() as Piece<I>;
        if (!input.isOut) continue;
        input.isSuspect = true;
        const made = this.work(input.events);
        if (!Array.isArray(made)) return this.await(made as PromiseLike<readonly O[]>, input);
        this.emit(made as readonly O[], input);
      }
    } catch (error) {
      return stop({ error });
    }
    return this.turn;
  }

  private await(made: PromiseLike<readonly O[]>, input: Piece<I>): PromiseLike<Outcome<never, this>> {
    return made.then(
      (events) => {
        this.emit(events, input);
        return this.goOn();
      },
      (error: unknown) => stop({ error }),
    );
  }

  private emit(events: readonly O[], input: Piece<I>): void {
    input.isSuspect = false;
    this.outlet.emit(events, input, this);
    this.outlet.flush();
  }

  private work(events: readonly I[]): MaybePromise<readonly O[]> {
    const { faults } = this.args;
    if (faults === undefined) return this.worker.handleEvents(events);
    const work = (): MaybePromise<readonly O[]> => this.worker.handleEvents(events);
    return faults.run('producer-consumer', this.ctx.runtime, work);
  }
}

const server = genServer<OutletProtocol, ProducerConsumerStage<unknown, unknown>, Args<unknown, unknown>>({
  name: 'ProducerConsumer',
  trapExit: true,
  mailbox: BOUND_BY_DEMAND,
  init: (args, ctx) => ok(new ProducerConsumerStage(args, ctx)),
  handleCall: { flow: (stage) => reply(stage.flow(), stage) },
  handleInfo: (stage, message) => stage.handle(message),
  terminate: (_reason, stage) => stage.close(),
});

/** A stage between others: it takes events only as far as there is demand for what comes of them. */
export function producerConsumer<I, O>(
  make: (ctx: StageContext) => ProducerConsumer<I, O>,
  options: ProducerConsumerOptions<I, O>,
): ChildSpec<Unchecked, OutletProtocol> {
  const args: Args<I, O> = { ...options, make };
  return server.childSpec(args as unknown as Args<unknown, unknown>, { id: options.id });
}
