import { checkFunction } from '@aisle/std';
import {
  genServer, ok, reply, type ChildSpec, type Context, type MaybePromise, type Unchecked,
} from '@aisle/supervision';
import type { Owner, Delivery } from '../dispatch/delivery.ts';
import { checkDispatcher, checkRetry } from '../dispatch/checks.ts';
import { acknowledge, free } from './inlet.ts';
import { MiddleStage, type MiddleOptions } from './middle-stage.ts';
import { BOUND_BY_DEMAND, childOptionsOf, holderOf, isPromise, type OutletProtocol, type StageContext } from './stage.ts';

/** Turns events into others. One is made for each start of its stage. */
export interface ProducerConsumer<I, O> {
  /**
   * The results of these events, in any number. The events are acknowledged once all results are. After a crash they
   * come again, and so may their results.
   */
  handleEvents(events: readonly I[]): MaybePromise<readonly O[]>;
  /** The stage ends. */
  close?(): void;
}

/** The options of a producer-consumer's stage. */
export type ProducerConsumerOptions<I, O> = MiddleOptions<I, O>;

interface Args<I, O> extends ProducerConsumerOptions<I, O> {
  make(ctx: StageContext): ProducerConsumer<I, O>;
}

class ProducerConsumerStage<I, O> extends MiddleStage<I, O> implements Owner<Delivery<I>> {
  private readonly worker: ProducerConsumer<I, O>;

  constructor(args: Args<I, O>, ctx: Context<OutletProtocol>) {
    super(args, ctx);
    const holder = holderOf(ctx);
    this.worker = args.make({ runtime: ctx.runtime, wake: () => holder.wake() });
    this.open();
  }

  /** All results of an input are settled. */
  settled(input: Delivery<I>): void {
    acknowledge(input);
  }

  close(): void {
    this.worker.close?.();
  }

  protected work(input: Delivery<I>): MaybePromise<void> {
    const { faults } = this.options;
    const work = (): MaybePromise<readonly O[]> => this.worker.handleEvents(input.events);
    const made = faults === undefined ? work() : faults.run('producer-consumer', this.ctx.runtime, work);
    return isPromise(made) ? made.then((events) => this.emit(events, input)) : this.emit(made, input);
  }

  protected letGo(): void {
    // It holds nothing back.
  }

  private emit(events: readonly O[], input: Delivery<I>): void {
    if (!Array.isArray(events)) throw new TypeError(`handleEvents returned ${String(events)}; it returns an array of events`);
    this.outlet.emit(events, input, this);
    free(input);
  }
}

const server = genServer<OutletProtocol, ProducerConsumerStage<unknown, unknown>, Args<unknown, unknown>>({
  name: 'ProducerConsumer',
  trapExit: true,
  mailbox: BOUND_BY_DEMAND,
  init: (args, ctx) => ok(new ProducerConsumerStage(args, ctx)),
  handleCall: { counts: (stage) => reply(stage.counts(), stage) },
  handleInfo: (stage, message) => stage.handle(message),
  terminate: (_reason, stage) => stage.close(),
});

/** A stage between others. It takes events only as far as there is demand for its results. */
export function producerConsumer<I, O>(
  make: (ctx: StageContext) => ProducerConsumer<I, O>,
  options: ProducerConsumerOptions<I, O>,
): ChildSpec<Unchecked, OutletProtocol> {
  checkFunction('make', make);
  checkRetry('retry', options.retry);
  checkDispatcher(options.dispatcher);
  const args: Args<I, O> = { ...options, make };
  return server.childSpec(args as unknown as Args<unknown, unknown>, childOptionsOf(options));
}
