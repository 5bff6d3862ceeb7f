import type { PipelineMetrics, PipelineSettings } from '@aisle/contracts';
import {
  Pipeline, RateLimit, rate, type Fault, type Pace, type PipelineHooks, type PipelineShape, type PipelineStats,
} from '@aisle/pipeline';
import type { Runtime } from '@aisle/std';
import type { ChildSpec, Ref } from '@aisle/supervision';
import type { PipelineLetter, PipelineLetters } from './pipeline-letters.repository.ts';
import type { PipelineName } from './pipeline.repository.ts';
import { RedrivenSource } from './redriven.source.ts';

/** An event becomes a dead letter after this many consumers have crashed on it. */
const RETRY = { attemptsMax: 5, backoffMs: 10, backoffMaxMs: 1_000 };
/** Slower than usual: faults inject crashes, and hundreds of crashing stages have to leave processor time for others. */
const BACKOFF = { minMs: 100, maxMs: 2_000, jitter: 0.5 };
const DRAIN_MS = 10_000;

/** The parts of a run besides its settings. */
export interface RunParts {
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly pace: Pace;
  readonly hooks: PipelineHooks;
  readonly which: PipelineName;
  readonly letters: PipelineLetters;
}

type Figures = Omit<PipelineMetrics, 'at' | 'since' | 'process'>;

/** One run of a pipeline, from its start until it has drained. */
export class PipelineRun {
  readonly startedAtMs: number;
  phase: 'running' | 'draining' | 'over' = 'running';
  /** The supervisor of its stages, once it has started. */
  tree: Ref | undefined = undefined;
  private readonly pipeline: Pipeline<number>;
  private readonly redriven: RedrivenSource;

  constructor(settings: PipelineSettings, { runtime, pace, hooks, which, letters }: RunParts) {
    this.startedAtMs = runtime.clock.nowMs();
    // The pipeline limits the rate of each producer. All producers share one counter of events.
    const made = rate(new RateLimit(Infinity), (index) => index);
    this.redriven = new RedrivenSource(made, (ids) => letters.discard(which, ids));
    const deadLetter = (event: number, attempts: number): Promise<void> => letters.bury(which, event, attempts);
    this.pipeline = new Pipeline<number>(runtime, {
      id: 'stages',
      ...shapeOf(settings),
      source: this.redriven.open,
      // The events have no content to process; they are only acknowledged.
      process: () => undefined,
      pace, backoff: BACKOFF, retry: { ...RETRY, deadLetter }, drainMs: DRAIN_MS, hooks,
    });
    this.pipeline.faults.set(faultsOf(settings));
  }

  childSpec(): ChildSpec {
    return this.pipeline.childSpec();
  }

  /** Delivers dead letters again, before other events. */
  redrive(letters: readonly PipelineLetter[]): void {
    this.redriven.push(letters);
  }

  /** Resolves once the settings are applied. Faults change at once, because a stalled stage may delay the rest. */
  configure(settings: PipelineSettings): Promise<void> {
    this.pipeline.faults.set(faultsOf(settings));
    return this.pipeline.configure(shapeOf(settings));
  }

  get figures(): Figures {
    return figuresOf(this.pipeline.stats(), this.pipeline.faults.injected);
  }
}

/** The figures of a pipeline that has never run. */
export const NO_FIGURES: Figures = {
  eventsPerSecond: 0, latencyMs: { p50: null, p95: null, p99: null, max: null },
  produced: 0, acknowledged: 0, deadLettered: 0, parked: 0, queued: 0, inFlight: 0,
  demand: 0, bufferFill: 0, failures: 0, restarts: 0, faultsInjected: 0,
};

function figuresOf(stats: PipelineStats, faultsInjected: number): Figures {
  const { produced, acknowledged, deadLettered, parked, queued, inFlight, demand, failures, restarts } = stats;
  const { p50, p95, p99, max } = stats.latencyMs;
  return {
    eventsPerSecond: rounded(stats.perSecond, 10) ?? 0,
    latencyMs: { p50: rounded(p50), p95: rounded(p95), p99: rounded(p99), max: rounded(max) },
    produced, acknowledged, deadLettered, parked, queued, inFlight, demand,
    bufferFill: rounded(stats.fill) ?? 0,
    failures, restarts, faultsInjected,
  };
}

/** Rounds a figure; null for NaN and infinity, which JSON does not have. */
function rounded(figure: number, parts = 1_000): number | null {
  return Number.isFinite(figure) ? Math.round(figure * parts) / parts : null;
}

function shapeOf({ producerCount, consumerCount, rate: perSecond, demand }: PipelineSettings): PipelineShape {
  return { producers: producerCount, processors: consumerCount, rate: perSecond, maxDemand: demand };
}

function faultsOf({ faults }: PipelineSettings): Fault[] {
  return faults.map((fault) => {
    if (fault.kind === 'crash' || fault.kind === 'duplicate') return fault;
    const { ms, ...others } = fault;
    return { ...others, ...(ms === undefined ? {} : { ms }) };
  });
}
