import { checkNumber, type Runtime } from '@aisle/std';
import { Supervisor, type Backoff, type ChildOptions, type ChildSpec, type MaybePromise } from '@aisle/supervision';
import type { OutletCounts } from '../dispatch/outlet.ts';
import { consumer } from '../stage/consumer.ts';
import type { Ending } from '../stage/handover.ts';
import { Faults } from '../stage/faults.ts';
import { producerConsumer } from '../stage/producer-consumer.ts';
import { terminator } from '../stage/terminator.ts';
import { Batchers } from './batchers.ts';
import { checkPipeline } from './checks.ts';
import { control } from './control.ts';
import { Lifetime } from './lifetime.ts';
import { Meter, type Latency } from './meter.ts';
import type { PipelineOptions, PipelineShape } from './options.ts';
import { Processors, type MakeProcessor } from './processors.ts';
import { Producers } from './producers.ts';
import { retries } from './retry.ts';

/** The state of a pipeline at one moment. The counts of events are those of its producers: see `OutletCounts`. */
export interface PipelineStats extends OutletCounts, PipelineShape {
  /** The used part of the demand, from 0 to 1. At 1 the producers wait. */
  readonly fill: number;
  /** Acknowledged events per second, over the last ten seconds. */
  readonly perSecond: number;
  /** The time from an event's fetch to the acknowledgement of its batch, over the last ten seconds. */
  readonly latencyMs: Latency;
  /** Crashes of stages by an error. */
  readonly failures: number;
  readonly restarts: number;
  /** Events that batchers gave up. They count as acknowledged here. */
  readonly deadLetteredBatched: number;
}

/** For crash loops: a producer whose source is away tries ten times a second. */
const BACKOFF: Backoff = { minMs: 1, maxMs: 100, jitter: 0.5 };
const ID = 'pipeline';
const SHAPE: PipelineShape = { producers: 1, processors: 8, rate: Infinity, maxDemand: 100 };

/**
 * A pipeline after Broadway's topology: producers over acknowledging sources, processors, batchers. It has one tree at
 * a time, which may end and start again. The number of stages, their rate, their demand and their faults may change
 * while it runs.
 */
export class Pipeline<E, O = E> {
  readonly faults: Faults;
  private shape: PipelineShape;
  private readonly meter = new Meter();
  private readonly producers: Producers<E>;
  private readonly processors: Processors<E>;
  private readonly batchers: Batchers<O> | undefined;
  private readonly lifetime: Lifetime;
  private failures = 0;
  private restarts = 0;
  private deadLetteredBatched = 0;
  private isFilled!: () => void;
  private hasStarted = false;
  /** Resolves once its stages have started for the first time. */
  private readonly filled = new Promise<void>((resolve) => (this.isFilled = resolve));
  /** Serialises the changes. */
  private changing: Promise<void> = Promise.resolve();

  constructor(
    private readonly runtime: Pick<Runtime, 'clock'>,
    private readonly options: PipelineOptions<E, O>,
  ) {
    checkPipeline(options);
    const { maxRestarts = Infinity, backoff = BACKOFF } = options;
    this.faults = options.faults ?? new Faults();
    this.shape = shapeOf(options);
    this.batchers = this.batchersOf(options);
    this.producers = new Producers(this.producersPlan(maxRestarts, backoff), this.shape.rate);
    this.processors = new Processors({
      producers: this.producers.group,
      isKeyed: options.partitionBy !== undefined,
      isHeld: this.batchers !== undefined,
      maxRestarts, backoff,
      make: this.makeProcessor(),
      onEmptied: this.onEmptied,
      onRestart: this.onRestart,
    });
    this.lifetime = new Lifetime({
      id: options.id ?? ID,
      onStart: () => this.producers.resume(),
      members: () => [...(this.batchers?.members ?? []), ...this.processors.members, ...this.producers.members],
      finished: () => this.filled.then(() => this.producers.finished()),
      isFinished: () => this.hasStarted && this.producers.isFinished,
    });
  }

  /**
   * A supervisor of all stages. When it ends, the pipeline first runs dry. After a restart it fetches again. A start
   * while an earlier tree lives is refused with ChildFailure.alreadyStarted.
   */
  childSpec(childOptions: Omit<ChildOptions, 'id'> = {}): ChildSpec {
    const { id = ID, drainMs } = this.options;
    const children = [
      ...(this.batchers ? [this.batchers.spec] : []),
      this.processors.pool.spec,
      this.producers.pool.spec,
      control(() => this.refill()),
      terminator({ drain: () => this.runDry(), ...(drainMs !== undefined && { drainMs }) }),
    ];
    const spec = Supervisor.childSpec({ strategy: 'one_for_one', children }, { ...childOptions, id });
    return this.lifetime.specOf(spec, childOptions);
  }

  /**
   * Applies the given changes, and resolves once they are complete. Surplus producers end later, when everything they
   * fetched is acknowledged.
   */
  configure(changes: Partial<PipelineShape>): Promise<void> {
    const shape = shapeOf({ ...this.shape, ...changes });
    this.shape = shape;
    this.producers.setRate(shape.rate);
    return this.refill();
  }

  stats(): PipelineStats {
    const { counts } = this.producers;
    const busy = counts.queued + counts.parked + counts.inFlight;
    const { clock } = this.runtime;
    const { failures, restarts, deadLetteredBatched } = this;
    return {
      ...counts, ...this.shape, failures, restarts, deadLetteredBatched,
      fill: busy === 0 ? 0 : busy / (busy + counts.demand),
      perSecond: this.meter.perSecond(clock),
      latencyMs: this.meter.latency(clock),
    };
  }

  /**
   * Resolves with `ended` once all sources have no more events and all are acknowledged, and with `drained` if they
   * were asked to stop before. Rejects with PipelineFailure.sourceFailed if a source broke, and with PipelineEnded
   * if the tree ended before: killed, given up, or out of time. After a new start a new call waits for the end of that tree.
   */
  finished(): Promise<Ending> {
    return this.lifetime.finished();
  }

  /** Fetches no more until its tree starts again. Resolves once everything fetched is acknowledged. */
  drain(): Promise<void> {
    return this.producers.drain();
  }

  /** Like `drain`, but gives up when the stages that would take the events have ended for good. */
  private async runDry(): Promise<void> {
    const { batchers, processors, producers } = this;
    const supervisors = [batchers?.supervisor, processors.pool.supervisor, producers.pool.supervisor];
    const lost = supervisors.flatMap((supervisor) => (supervisor ? [supervisor.whenDown()] : []));
    await Promise.race([this.drain(), ...lost]);
  }

  private async fill(): Promise<void> {
    const { producers, processors, maxDemand } = this.shape;
    await this.processors.resize(processors, maxDemand, () => this.producers.repartition(processors));
    await this.producers.resize(producers);
    this.hasStarted = true;
    this.isFilled();
  }

  private refill(): Promise<void> {
    const filled = this.changing.then(() => this.fill());
    this.changing = filled.catch(() => undefined);
    return filled;
  }

  private producersPlan(maxRestarts: number, backoff: Backoff): ConstructorParameters<typeof Producers<E>>[0] {
    const { source, pace, partitionBy, hooks = {}, retry } = this.options;
    const { clock } = this.runtime;
    const onDeadLetter = (event: E, attempts: number): void => tell(() => hooks.onDeadLetter?.(event, attempts));
    return {
      source, pace, partitionBy, maxRestarts, backoff,
      stage: { faults: this.faults, drainMs: this.options.drainMs, retry: retries(retry, onDeadLetter) },
      watch: {
        onFetched: (events) => tell(() => hooks.onFetched?.(events)),
        onAckFailed: (error) => tell(() => hooks.onAckFailed?.(error)),
        onAcknowledged: (events, latencyMs) => {
          this.meter.record(events, latencyMs, clock.monotonicMs());
          tell(() => hooks.onAcknowledged?.(events, latencyMs));
        },
      },
      onEmptied: this.onEmptied,
      onFailure: this.onFailure,
      onRestart: this.onRestart,
    };
  }

  private makeProcessor(): MakeProcessor<E> {
    const { faults, batchers, options } = this;
    return (id, subscribeTo) => {
      const stage = { id, subscribeTo, faults, drainMs: options.drainMs, onCrash: (error: unknown) => this.onFailure(id, error) };
      if (batchers === undefined) {
        const handleEvents = options.process as (events: readonly E[]) => MaybePromise<void>;
        return consumer<E>(() => ({ handleEvents }), stage);
      }
      const handleEvents = options.process as (events: readonly E[]) => MaybePromise<readonly O[]>;
      const { dispatcher, above: group } = batchers;
      // An event that cannot be routed is a failure of its input, to which `retry` applies.
      return producerConsumer<E, O>(() => ({ handleEvents }), { ...stage, dispatcher, group, isStrict: true });
    };
  }

  private batchersOf(options: PipelineOptions<E, O>): Batchers<O> | undefined {
    if (options.batchers === undefined) return undefined;
    const { batchers, route, maxRestarts = Infinity, drainMs, hooks = {} } = options;
    const onDeadLetter = (event: unknown, attempts: number): void => {
      this.deadLetteredBatched += 1;
      tell(() => hooks.onDeadLetter?.(event, attempts));
    };
    const { faults, onFailure, onRestart } = this;
    return new Batchers({ batchers, route, maxRestarts, drainMs, faults, onFailure, onRestart, onDeadLetter });
  }

  private readonly onEmptied = (): void => void this.refill().catch(() => undefined);

  private readonly onFailure = (stage: string, error: unknown): void => {
    this.failures += 1;
    tell(() => this.options.hooks?.onFailure?.(stage, error));
  };

  private readonly onRestart = (stage: string): void => {
    this.restarts += 1;
    tell(() => this.options.hooks?.onRestart?.(stage));
  };
}

/** An error in a hook must not harm an event: at that point no other copy of the event exists. */
function tell(hook: () => void): void {
  try {
    hook();
  } catch (error) {
    void Promise.reject(error as Error);
  }
}

function shapeOf(changes: Partial<PipelineShape>): PipelineShape {
  const { producers = SHAPE.producers, processors = SHAPE.processors } = changes;
  const { rate = SHAPE.rate, maxDemand = SHAPE.maxDemand } = changes;
  checkNumber('producers', producers, { min: 0 });
  checkNumber('processors', processors, { min: 0 });
  checkNumber('maxDemand', maxDemand, { min: 1 });
  checkNumber('rate', rate, { min: 0, isWhole: false, isEndless: true });
  return { producers, processors, rate, maxDemand };
}
