import {
  genServer, ok, reply, type ChildSpec, type Context, type MaybePromise, type Unchecked,
} from '@aisle/supervision';
import type { Timer } from '@aisle/std';
import type { Owner, Delivery } from '../dispatch/delivery.ts';
import { acknowledge, free } from './inlet.ts';
import { MiddleStage, type MiddleOptions } from './middle-stage.ts';
import { BOUND_BY_DEMAND, childOptionsOf, Due, type OutletProtocol, type StageContext } from './stage.ts';

/** Reduces many events, a heap, to results. */
export interface Gatherer<I, E, A, O> {
  /** Converts the events of a delivery into elements of heaps. */
  prepare(events: readonly I[]): readonly E[];
  begin(): A;
  add(heap: A, event: E): A;
  /** The results of a full heap. */
  finish(heap: A): readonly O[];
}

/** When a heap is full: after a number of events, or a time after its first one. */
export interface GathererOptions<I, O> extends MiddleOptions<I, O> {
  readonly eventsMax: number;
  readonly withinMs?: number | undefined;
}

interface Args<I, E, A, O> extends GathererOptions<I, O> {
  make(ctx: StageContext): Gatherer<I, E, A, O>;
}

interface Heap<I, A> {
  value: A;
  size: number;
  /** The deliveries with which its events came. */
  readonly inputs: Delivery<I>[];
  readonly timer: Timer | undefined;
}

/**
 * An input is acknowledged once all heaps with its events are settled. Its demand is free at once, because the heap and
 * the demand from below bound the held events.
 */
class GathererStage<I, E, A, O> extends MiddleStage<I, O> implements Owner<readonly Delivery<I>[]> {
  private readonly gatherer: Gatherer<I, E, A, O>;
  private heap: Heap<I, A> | undefined = undefined;
  private readonly heapsOf = new Map<Delivery<I>, number>();

  constructor(
    private readonly args: Args<I, E, A, O>,
    ctx: Context<OutletProtocol>,
  ) {
    super(args, ctx);
    this.gatherer = args.make({ runtime: ctx.runtime, wake: () => undefined });
    this.open();
  }

  /** All results of a heap are settled. */
  settled(inputs: readonly Delivery<I>[]): void {
    for (const input of inputs) this.release(input);
  }

  close(): void {
    // It has nothing to close.
  }

  protected work(input: Delivery<I>): MaybePromise<void> {
    const { faults } = this.args;
    if (faults === undefined) return this.take(input);
    let isTaken = false;
    return faults.run('producer-consumer', this.ctx.runtime, () => {
      // A delivery taken twice would be twice in a heap, and no real fault does that.
      if (!isTaken) this.take(input);
      isTaken = true;
    });
  }

  protected override due(inputs: unknown): void {
    if (this.heap?.inputs === inputs) this.letGo();
  }

  protected letGo(): void {
    const { heap } = this;
    if (heap === undefined) return;
    this.heap = undefined;
    heap.timer?.cancel();
    this.outlet.emit(this.gatherer.finish(heap.value), heap.inputs, this);
  }

  private take(input: Delivery<I>): void {
    // Held open until all of its events are in heaps.
    this.heapsOf.set(input, 1);
    for (const event of this.gatherer.prepare(input.events)) this.add(event, input);
    free(input);
    this.release(input);
  }

  private add(event: E, input: Delivery<I>): void {
    const heap = (this.heap ??= this.begin());
    heap.value = this.gatherer.add(heap.value, event);
    heap.size += 1;
    if (heap.inputs.at(-1) !== input) {
      heap.inputs.push(input);
      this.heapsOf.set(input, (this.heapsOf.get(input) ?? 0) + 1);
    }
    if (heap.size >= this.args.eventsMax) this.letGo();
  }

  private begin(): Heap<I, A> {
    const { withinMs } = this.args;
    const inputs: Delivery<I>[] = [];
    // The inputs array identifies the heap.
    const timer = withinMs === undefined ? undefined : this.ctx.sendAfter(withinMs, new Due(inputs));
    return { value: this.gatherer.begin(), size: 0, inputs, timer };
  }

  private release(input: Delivery<I>): void {
    const heaps = (this.heapsOf.get(input) ?? 0) - 1;
    if (heaps > 0) {
      this.heapsOf.set(input, heaps);
      return;
    }
    this.heapsOf.delete(input);
    acknowledge(input);
  }
}

const server = genServer<
  OutletProtocol,
  GathererStage<unknown, unknown, unknown, unknown>,
  Args<unknown, unknown, unknown, unknown>
>({
  name: 'Gatherer',
  trapExit: true,
  mailbox: BOUND_BY_DEMAND,
  init: (args, ctx) => ok(new GathererStage(args, ctx)),
  handleCall: { counts: (stage) => reply(stage.counts(), stage) },
  handleInfo: (stage, message) => stage.handle(message),
  terminate: (_reason, stage) => stage.close(),
});

/** A stage that holds events back until it can make a result of them. The stages above it free demand early. */
export function gatherer<I, E, A, O>(
  make: (ctx: StageContext) => Gatherer<I, E, A, O>,
  options: GathererOptions<I, O>,
): ChildSpec<Unchecked, OutletProtocol> {
  const args: Args<I, E, A, O> = { ...options, make };
  return server.childSpec(args as unknown as Args<unknown, unknown, unknown, unknown>, childOptionsOf(options));
}
