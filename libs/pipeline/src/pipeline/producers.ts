import type { Backoff } from '@aisle/supervision';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { OutletCounts } from '../dispatch/outlet.ts';
import { StageGroup } from '../dispatch/stage-group.ts';
import type { FeedWatch } from '../source/feed.ts';
import { limited } from '../source/limited.source.ts';
import type { Pace } from '../source/pace.ts';
import { RateLimit } from '../source/rate-limit.ts';
import { SourceProducer } from '../source/source-producer.ts';
import type { OpenSource } from '../source/source.ts';
import type { Ending } from '../stage/handover.ts';
import type { OutletOptions, StageOptions } from '../stage/stage.ts';
import { StagePool, PooledStage } from './stage-pool.ts';

/** The settings that all producers share. */
export interface ProducersPlan<E> {
  readonly source: OpenSource<E>;
  readonly pace: Pace | undefined;
  readonly stage: Omit<StageOptions, 'id' | 'onCrash'> & Omit<OutletOptions<E>, 'group' | 'dispatcher'>;
  readonly partitionBy?: ((event: E) => string | number) | undefined;
  readonly maxRestarts: number;
  readonly backoff: Backoff;
  readonly watch: FeedWatch;
  onEmptied(): void;
  onFailure(stage: string, error: unknown): void;
  onRestart(stage: string): void;
}

interface ProducerSlot<E> extends SlotParts<E> {
  /** True while the producer drains; then it ends. */
  isLeaving: boolean;
}

interface SlotParts<E> {
  readonly index: number;
  readonly member: PooledStage;
  readonly producer: SourceProducer<E>;
  readonly limit: RateLimit;
}

const NOTHING: OutletCounts = {
  produced: 0, acknowledged: 0, deadLettered: 0, parked: 0, queued: 0, inFlight: 0, demand: 0, subscribers: 0,
};

/** The producers of a pipeline. Each has its source, its rate and its unacknowledged events. */
export class Producers<E> {
  readonly group = new StageGroup();
  readonly pool: StagePool;
  private slots: ProducerSlot<E>[] = [];
  private isDraining = false;
  /** The counts of producers that have ended. */
  private gone: OutletCounts = NOTHING;
  private partitions = 1;

  constructor(
    private readonly plan: ProducersPlan<E>,
    private rate: number,
  ) {
    const { maxRestarts, backoff, onEmptied } = plan;
    this.pool = new StagePool('producers', { maxRestarts, backoff }, onEmptied);
  }

  get counts(): OutletCounts {
    return this.slots.map(({ producer }) => producer.handover.outlet.counts).reduce(sum, this.gone);
  }

  setRate(rate: number): void {
    this.rate = rate;
    for (const { limit } of this.slots) limit.perSecond = rate;
  }

  /** Called between two sets of processors. */
  repartition(partitions: number): void {
    // Without a processor events wait in one partition.
    this.partitions = Math.max(1, partitions);
    if (this.plan.partitionBy === undefined) return;
    for (const { producer } of this.slots) producer.handover.outlet.repartition(this.partitions);
  }

  /** Changes their number. Surplus producers end once everything they fetched is acknowledged. */
  async resize(count: number): Promise<void> {
    const staying = this.slots.filter(({ isLeaving }) => !isLeaving);
    while (this.slots.length - this.leaving < count) this.slots = [...this.slots, this.newSlot()];
    for (const slot of staying.slice(count)) this.leave(slot);
    await this.start();
  }

  /** Starts the missing producers. */
  async start(): Promise<void> {
    await this.pool.start(this.slots.map(({ member }) => member));
  }

  get members(): readonly PooledStage[] {
    return this.slots.map(({ member }) => member);
  }

  /** True if `finished` would settle now. */
  get isFinished(): boolean {
    return this.slots.every(({ producer }) => producer.handover.isOver);
  }

  /** Rejects with PipelineFailure.sourceFailed if a source broke, once all others are done. */
  async finished(): Promise<Ending> {
    let slots: readonly ProducerSlot<E>[] = [];
    let ends: PromiseSettledResult<Ending>[] = [];
    while (slots !== this.slots) {
      ({ slots } = this);
      ends = await Promise.allSettled(slots.map(({ producer }) => producer.finished()));
    }
    const broken = ends.find((end) => end.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
    return ends.some((end) => end.status === 'fulfilled' && end.value === 'drained') ? 'drained' : 'ended';
  }

  /** A broken source counts as dry. */
  async drain(): Promise<void> {
    this.isDraining = true;
    await Promise.allSettled(this.slots.map(({ producer }) => producer.drained()));
  }

  /** A drain ends with its tree: after the next start all producers fetch again. */
  resume(): void {
    this.isDraining = false;
    for (const { producer, isLeaving } of this.slots) producer.handover.isDraining = isLeaving;
  }

  private get leaving(): number {
    return this.slots.filter(({ isLeaving }) => isLeaving).length;
  }

  private leave(slot: ProducerSlot<E>): void {
    slot.isLeaving = true;
    const gone = (): Promise<void> => {
      this.slots = this.slots.filter((other) => other !== slot);
      this.gone = { ...sum(this.gone, slot.producer.handover.outlet.counts), demand: 0, subscribers: 0 };
      return this.pool.stop([slot.member]);
    };
    void slot.producer.drained().then(gone, gone);
  }

  private newSlot(): ProducerSlot<E> {
    const index = this.freeIndex();
    const { source, pace, stage, watch, onFailure, onRestart } = this.plan;
    const id = `producer ${index}`;
    const limit = new RateLimit(this.rate);
    const onCrash = (error: unknown): void => onFailure(id, error);
    const options = { ...stage, id, onCrash, group: this.group, dispatcher: this.dispatcher() };
    const producer = new SourceProducer(limited(limit, source, pace), index, options, watch);
    producer.handover.isDraining = this.isDraining;
    return { index, limit, producer, member: new PooledStage(producer.spec, onRestart), isLeaving: false };
  }

  private freeIndex(): number {
    const taken = new Set(this.slots.map(({ index }) => index));
    let index = 0;
    while (taken.has(index)) index += 1;
    return index;
  }

  private dispatcher(): Dispatcher<E> {
    const { partitionBy: by } = this.plan;
    return by === undefined ? { kind: 'demand' } : { kind: 'partition', partitions: this.partitions, by };
  }
}

function sum(one: OutletCounts, other: OutletCounts): OutletCounts {
  const names = Object.keys(NOTHING) as (keyof OutletCounts)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as OutletCounts;
}
