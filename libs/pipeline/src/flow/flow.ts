import { checkFunction, checkNumber, checkOptions } from '@aisle/std';
import { Supervisor, type ChildOptions, type ChildSpec, type MaybePromise } from '@aisle/supervision';
import type { OutletCounts } from '../dispatch/outlet.ts';
import type { RetryOptions } from '../dispatch/retries.ts';
import { StageGroup } from '../dispatch/stage-group.ts';
import { checkDrain, checkId, checkMaxRestarts, checkRetry } from '../dispatch/checks.ts';
import { PooledStage } from '../pipeline/stage-pool.ts';
import { Lifetime } from '../pipeline/lifetime.ts';
import { iterable } from '../source/iterable.source.ts';
import { SourceProducer } from '../source/source-producer.ts';
import type { OpenSource } from '../source/source.ts';
import type { Consumer } from '../stage/consumer.ts';
import type { Ending } from '../stage/handover.ts';
import type { StageOptions } from '../stage/stage.ts';
import { terminator } from '../stage/terminator.ts';
import { dispatcherFor, sinksOf, stagesOf, type Layer, type Reduction, type FlowStep } from './layer.ts';
import type { Window } from './window.ts';

/** The supervision of a flow, its demand and its retries. */
export interface FlowOptions extends Omit<StageOptions, 'id'> {
  /** The id of its supervisor; `flow` by default. */
  readonly id?: string;
  /** Demand of each stage; 1,000 by default. */
  readonly maxDemand?: number;
  /** The retries of every stage. A retried event is as it was above the crashed stage. */
  readonly retry?: RetryOptions<unknown>;
  /** Crashes within 5 s that the flow's supervisor tolerates; any number by default. */
  readonly maxRestarts?: number;
  /** The time that the flow has to run dry at its end; 30,000 ms by default. */
  readonly drainMs?: number;
}

/** Takes the results, a batch at a time, as a consumer does. */
export type Sink<E> = ((events: readonly E[]) => MaybePromise<void>) | Consumer<E>;

/**
 * Begins a flow, after Elixir's `Flow`. Consecutive steps between two partitions run in one stage. A source's event is
 * acknowledged once all of its results are handled, through windows too. After a crash it comes again.
 */
export function from<E>(source: Iterable<E> | AsyncIterable<E> | OpenSource<E>): FlowBuilder<E> {
  const open = typeof source === 'function' ? source : iterable(source);
  return new FlowBuilder(open as OpenSource<unknown>, [{ stages: 1, steps: [] }]);
}

/** A flow under construction. Each step makes another one. Functions are called with one event at a time, in order. */
export class FlowBuilder<E> {
  /** @internal The last layer is under construction. */
  constructor(
    private readonly open: OpenSource<unknown>,
    private readonly layers: readonly Layer[],
  ) {}

  map<O>(f: (event: E) => O): FlowBuilder<O> {
    checkFunction('the step', f);
    return this.step((events) => (events as readonly E[]).map((event) => f(event)));
  }

  filter<O extends E>(f: (event: E) => event is O): FlowBuilder<O>;
  filter(f: (event: E) => boolean): FlowBuilder<E>;
  filter(f: (event: E) => boolean): FlowBuilder<E> {
    checkFunction('the step', f);
    return this.step((events) => (events as readonly E[]).filter((event) => f(event)));
  }

  flatMap<O>(f: (event: E) => readonly O[]): FlowBuilder<O> {
    checkFunction('the step', f);
    return this.step((events) => (events as readonly E[]).flatMap((event) => f(event)));
  }

  /** The following steps run in so many stages. All events of a key go to the same stage, in order. */
  partition({ by, stages }: { by: (event: E) => string | number; stages: number }): FlowBuilder<E> {
    checkFunction('by', by);
    checkNumber('stages', stages, { min: 1 });
    const layer: Layer = { stages, by: by as Layer['by'] & object, steps: [] };
    const { current } = this;
    const isUntouched = current.by === undefined && current.steps.length === 0 && !current.reduction;
    return new FlowBuilder(this.open, [...(isUntouched ? this.layers.slice(0, -1) : this.layers), layer]);
  }

  /** Groups the events of each stage into windows, for `reduce`. */
  window(window: Window): FlowWindow<E> {
    return new FlowWindow((init, add) => this.reduced({ window, init, add } as Reduction));
  }

  /** Ends the construction. The stages of the last steps pass their events to the sink. */
  into(sink: Sink<E>, options: FlowOptions = {}): FlowPipeline {
    const consumer = typeof sink === 'function' ? { handleEvents: sink } : checkOptions('the sink', sink);
    checkFunction('the sink', consumer.handleEvents);
    checkFlow(options);
    return new FlowPipeline(this.open, this.layers, consumer as Consumer<unknown>, options);
  }

  private get current(): Layer {
    return this.layers.at(-1) as Layer;
  }

  private step<O>(step: FlowStep): FlowBuilder<O> {
    const { current } = this;
    const changed = { ...current, steps: [...current.steps, step] };
    return new FlowBuilder(this.open, [...this.layers.slice(0, -1), changed]);
  }

  private reduced<O>(reduction: Reduction): FlowBuilder<O> {
    const closed = { ...this.current, reduction };
    return new FlowBuilder(this.open, [...this.layers.slice(0, -1), closed, { stages: 1, steps: [] }]);
  }
}

/** A flow whose events are grouped into windows. */
export class FlowWindow<E> {
  /** @internal */
  constructor(private readonly close: <A>(init: () => A, add: (heap: A, event: E) => A) => FlowBuilder<A>) {}

  /** Makes one event of each window of each stage: `init()` to which `add` has added all its events. */
  reduce<A>(init: () => A, add: (heap: A, event: E) => A): FlowBuilder<A> {
    return this.close(init, add);
  }
}

const ID = 'flow';

function checkFlow(options: FlowOptions): void {
  const { id, maxDemand, retry, maxRestarts, drainMs } = checkOptions('the options', options);
  checkId(id);
  if (maxDemand !== undefined) checkNumber('maxDemand', maxDemand, { min: 1 });
  checkRetry('retry', retry);
  checkMaxRestarts(maxRestarts);
  checkDrain(drainMs);
}

/** A flow that is ready to start. Its source is part of it, so it has one tree at a time. */
export class FlowPipeline {
  private readonly source: SourceProducer<unknown>;
  /** The source, followed by the stages of each layer. */
  private readonly ranks: readonly Rank[];
  private readonly lifetime: Lifetime;

  /** @internal */
  constructor(
    open: OpenSource<unknown>,
    layers: readonly Layer[],
    sink: Consumer<unknown>,
    private readonly options: FlowOptions,
  ) {
    const { id: _id, maxDemand, retry = {}, maxRestarts: _maxRestarts, ...stage } = options;
    const first = layers[0] as Layer;
    let above = new StageGroup();
    const top = { ...stage, id: 'source', retry, group: above, dispatcher: dispatcherFor(first) };
    this.source = new SourceProducer(open, 0, top);
    const ranks: Rank[] = [rankOf([this.source.spec], true)];
    layers.forEach((layer, index) => {
      const isHeld = layers.slice(index).some(({ reduction }) => reduction !== undefined);
      const place = { above, isHeld, maxDemand, retry, options: stage };
      const next = layers[index + 1];
      if (next === undefined) {
        ranks.push(rankOf(sinksOf(layer, sink, place), layer.by !== undefined));
        return;
      }
      const below = new StageGroup();
      const specs = stagesOf(layer, `layer ${index}`, { ...place, below, dispatcher: dispatcherFor(next) });
      ranks.push(rankOf(specs, layer.by !== undefined));
      above = below;
    });
    this.ranks = ranks;
    const { source } = this;
    this.lifetime = new Lifetime({
      id: options.id ?? ID,
      // A drain ends with its tree: after the next start the source is read again.
      onStart: () => void (source.handover.isDraining = false),
      members: () => this.ranks.flatMap(({ members }) => members),
      finished: () => source.finished(),
      isFinished: () => source.handover.isOver,
    });
  }

  /**
   * A supervisor of all stages. When it ends, the flow first runs dry. After a restart it goes on with the rest of its
   * source. A start while an earlier tree lives is refused with ChildFailure.alreadyStarted.
   */
  childSpec(childOptions: Omit<ChildOptions, 'id'> = {}): ChildSpec {
    const { id = ID, maxRestarts = Infinity, drainMs } = this.options;
    const end = terminator({ drain: () => this.runDry(), ...(drainMs !== undefined && { drainMs }) });
    const stages = this.ranks.flatMap(({ members }) => members.map(({ spec }) => spec));
    const flags = { strategy: 'one_for_one', maxRestarts } as const;
    const spec = Supervisor.childSpec({ ...flags, children: [...stages, end] }, { ...childOptions, id });
    return this.lifetime.specOf(spec, childOptions);
  }

  /**
   * Resolves with `ended` once the source has no more events and all are acknowledged, and with `drained` if it was
   * asked to stop before. Rejects with PipelineFailure.sourceFailed if the source broke, and with PipelineEnded if
   * the tree ended before: killed, given up, or out of time. After a new start a new call waits for the end of that tree.
   */
  finished(): Promise<Ending> {
    return this.lifetime.finished();
  }

  /** Takes no more from the source until its tree starts again. Resolves once everything taken is acknowledged. */
  async drain(): Promise<void> {
    await Promise.allSettled([this.source.drained()]);
  }

  /** The number of the source's events in each place. */
  get counts(): OutletCounts {
    return this.source.handover.outlet.counts;
  }

  /** Like `drain`, but gives up when stages that the events must pass have ended for good. */
  private async runDry(): Promise<void> {
    await Promise.race([this.drain(), ...this.ranks.map(lost)]);
  }
}

/** Stages that share the same events, or that each have their own. */
interface Rank {
  readonly members: readonly PooledStage[];
  /** Each stage has its own keys, so no other can replace one that is gone. */
  readonly isKeyed: boolean;
}

function rankOf(specs: readonly ChildSpec[], isKeyed: boolean): Rank {
  return { members: specs.map((spec) => new PooledStage(spec, () => undefined)), isKeyed };
}

/** Resolves when no event can pass this rank any more. */
async function lost({ members, isKeyed }: Rank): Promise<void> {
  const ends = members.flatMap(({ ref }) => (ref ? [ref.whenDown()] : []));
  await (isKeyed ? Promise.race(ends) : Promise.all(ends));
}
