import { Supervisor, type ChildSpec, type Ref } from '@aisle/supervision';
import { partitionOf, type Dispatcher } from '../dispatch/dispatcher.ts';
import { StageGroup } from '../dispatch/stage-group.ts';
import { consumer } from '../stage/consumer.ts';
import { gatherer } from '../stage/gatherer.ts';
import type { StageOptions } from '../stage/stage.ts';
import { PooledStage } from './stage-pool.ts';
import type { BatcherOptions } from './options.ts';
import { retries } from './retry.ts';

const SIZE = 100;
const WITHIN_MS = 1_000;

/** The settings that all batchers share. */
export interface BatchersPlan<O> {
  readonly batchers: Readonly<Record<string, BatcherOptions<O>>>;
  readonly route?: ((event: O) => string) | undefined;
  readonly faults: StageOptions['faults'] & object;
  readonly maxRestarts: number;
  readonly drainMs: number | undefined;
  onFailure(stage: string, error: unknown): void;
  onRestart(stage: string): void;
  onDeadLetter(event: unknown, attempts: number): void;
}

/** A gatherer, the consumers of its batches, and its partition of the processors. */
interface Line<O> {
  readonly name: string;
  readonly options: BatcherOptions<O>;
  readonly partition: number;
}

/** The batchers of a pipeline: gatherers by name, and by key if keys are kept, each with its consumers. */
export class Batchers<O> {
  /** The processors. */
  readonly above = new StageGroup();
  /** The dispatcher by which processors pass events to the batchers. */
  readonly dispatcher: Dispatcher<O>;
  /** The specification of the supervisor of all their stages. */
  readonly spec: ChildSpec;
  /** The supervisor of the last start. */
  supervisor: Ref | undefined = undefined;
  readonly members: PooledStage[] = [];
  private readonly lines: readonly Line<O>[];
  private readonly first: string;

  constructor(private readonly plan: BatchersPlan<O>) {
    this.first = Object.keys(plan.batchers)[0] ?? '';
    const names = Object.entries(plan.batchers).flatMap(([name, options]) => {
      const { partitionBy, concurrency = 1 } = options;
      return Array.from({ length: partitionBy ? concurrency : 1 }, () => ({ name, options }));
    });
    this.lines = names.map((each, partition) => ({ ...each, partition }));
    this.dispatcher = { kind: 'partition', partitions: names.length, by: (event) => this.lineOf(event) };
    const { maxRestarts } = plan;
    const children = this.lines.flatMap((line) => this.stagesOf(line));
    const register = (ref: Ref): void => void (this.supervisor = ref);
    const options = { id: 'batchers', name: { register } };
    this.spec = Supervisor.childSpec({ strategy: 'one_for_one', maxRestarts, children }, options);
  }

  private lineOf(event: O): number {
    const { route } = this.plan;
    const name = route === undefined ? this.first : route(event);
    const lines = this.lines.filter((line) => line.name === name);
    const [first] = lines;
    if (first === undefined) throw new RangeError(`\`route\` named the batcher ${String(name)}; the batchers are ${this.names}`);
    const by = first.options.partitionBy;
    return by === undefined ? first.partition : first.partition + partitionOf(by(event), lines.length);
  }

  private get names(): string {
    return Object.keys(this.plan.batchers).join(', ');
  }

  private stagesOf({ name, options, partition }: Line<O>): ChildSpec[] {
    const { size = SIZE, withinMs = WITHIN_MS, partitionBy, concurrency = 1, handle } = options;
    const group = new StageGroup();
    const demand = { maxDemand: 2 * size, minDemand: size };
    const batcher = gatherer<O, O, O[], O>(() => ({ prepare, begin, add, finish }), {
      ...this.stage(`batcher ${name} ${partition}`),
      subscribeTo: [{ to: this.above, partition, free: 'taken', ...demand }],
      dispatcher: partitionBy ? { kind: 'partition', partitions: 1, by: partitionBy } : { kind: 'demand' },
      retry: retries(options.retry, this.plan.onDeadLetter),
      group, eventsMax: size, withinMs,
    });
    const consumers = Array.from({ length: partitionBy ? 1 : concurrency }, (_, index) =>
      consumer<O>(() => ({ handleEvents: handle }), {
        ...this.stage(`batch ${name} ${partition + index}`),
        subscribeTo: [{ to: group, ...demand }],
      }),
    );
    return [batcher, ...consumers].map((spec) => {
      const member = new PooledStage(spec, this.plan.onRestart);
      this.members.push(member);
      return member.spec;
    });
  }

  private stage(id: string): StageOptions {
    const { faults, drainMs, onFailure } = this.plan;
    return { id, faults, drainMs, onCrash: (error) => onFailure(id, error) };
  }
}

function prepare<O>(events: readonly O[]): readonly O[] {
  return events;
}

function begin<O>(): O[] {
  return [];
}

function add<O>(heap: O[], event: O): O[] {
  heap.push(event);
  return heap;
}

function finish<O>(heap: O[]): readonly O[] {
  return heap;
}
