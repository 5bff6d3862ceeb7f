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

/** How a flow runs, and what it does about crashes. */
export interface FlowOptions extends Omit<StageOptions, 'id'> {
  /** The id of its supervisor; `flow` by default. */
  readonly id?: string;
  /** Of each stage; 1,000 by default. */
  readonly maxDemand?: number;
  /** For every stage; events are as they are above the stage that crashes. */
  readonly retry?: RetryOptions<unknown>;
  /** Crashes within 5 s that the flow's supervisor puts up with; any number by default. */
  readonly maxRestarts?: number;
  /** How long the flow may take to run dry when it's asked to end; 30,000 ms by default. */
  readonly drainMs?: number;
}

/** Takes what comes out, a batch at a time, as a consumer does. */
export type Sink<E> = ((events: readonly E[]) => MaybePromise<void>) | Consumer<E>;

/**
 * Begins a flow, after Elixir's `Flow`: steps in a row, of which those between two partitions run in one
 * stage. Whatever is in it is acknowledged to its source once what came of it is dealt with, through
 * windows too; after a crash it comes again.
 */
export function from<E>(source: Iterable<E> | AsyncIterable<E> | OpenSource<E>): FlowBuilder<E> {
  const open = typeof source === 'function' ? source : iterable(source);
  return new FlowBuilder(open as OpenSource<unknown>, [{ stages: 1, steps: [] }]);
}

/** A flow so far; each step makes another one. Functions are called with one event, in its order. */
export class FlowBuilder<E> {
  /** @internal The last layer is the one that is being built. */
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

  /** What follows runs in so many stages; all events of a key in the same one, in order. */
  partition({ by, stages }: { by: (event: E) => string | number; stages: number }): FlowBuilder<E> {
    checkFunction('by', by);
    checkNumber('stages', stages, { min: 1 });
    const layer: Layer = { stages, by: by as Layer['by'] & object, steps: [] };
    const { current } = this;
    const isUntouched = current.by === undefined && current.steps.length === 0 && !current.reduction;
    return new FlowBuilder(this.open, [...(isUntouched ? this.layers.slice(0, -1) : this.layers), layer]);
  }

  /** Takes the events of each stage together, window by window, for `reduce`. */
  window(window: Window): FlowWindow<E> {
    return new FlowWindow((init, add) => this.reduced({ window, init, add } as Reduction));
  }

  /** Ends the building. The stages that run the last steps hand their events to the sink. */
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

/** A flow whose events are taken together. */
export class FlowWindow<E> {
  /** @internal */
  constructor(private readonly close: <A>(init: () => A, add: (heap: A, event: E) => A) => FlowBuilder<A>) {}

  /** One event comes of each window of each stage: what `add` made of `init()` and all its events. */
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

/** A flow ready to be started. Its source is part of it: it has one tree at a time. */
export class FlowPipeline {
  private readonly source: SourceProducer<unknown>;
  /** The source, and then the stages of each layer. */
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
      // A drain belongs to one end of the tree: with its next start the source is fetched from again.
      onStart: () => void (source.handover.isDraining = false),
      members: () => this.ranks.flatMap(({ members }) => members),
      finished: () => source.finished(),
      isFinished: () => source.handover.isOver,
    });
  }

  /**
   * A supervisor of all of its stages. When it ends, the flow runs dry first; started again, it goes on with what its
   * source has left. A start while an earlier one still lives is refused with AlreadyStarted.
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
   * Says how it ended: `ended` once the source has no more and everything of it is acknowledged, `drained` where it was
   * asked for no more instead. Rejects with SourceFailed when the source broke, with PipelineEnded when the tree ended
   * before: killed, given up, or out of time. Asked again after a new start it waits for that one's end.
   */
  finished(): Promise<Ending> {
    return this.lifetime.finished();
  }

  /** Takes no more of the source until its tree starts again, and resolves once what was taken is acknowledged. */
  async drain(): Promise<void> {
    await Promise.allSettled([this.source.drained()]);
  }

  /** Where the source's events are. */
  get counts(): OutletCounts {
    return this.source.handover.outlet.counts;
  }

  /** As `drain`; given up when stages that the events would have to pass have ended for good. */
  private async runDry(): Promise<void> {
    await Promise.race([this.drain(), ...this.ranks.map(lost)]);
  }
}

/** Stages that take the same events, or each their own. */
interface Rank {
  readonly members: readonly PooledStage[];
  /** No other one of them can stand in for one that is gone. */
  readonly isKeyed: boolean;
}

function rankOf(specs: readonly ChildSpec[], isKeyed: boolean): Rank {
  return { members: specs.map((spec) => new PooledStage(spec, () => undefined)), isKeyed };
}

/** Resolves when nothing passes this rank any more. */
async function lost({ members, isKeyed }: Rank): Promise<void> {
  const ends = members.flatMap(({ ref }) => (ref ? [ref.whenDown()] : []));
  await (isKeyed ? Promise.race(ends) : Promise.all(ends));
}
