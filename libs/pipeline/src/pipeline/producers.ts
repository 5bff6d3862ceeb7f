import type { Backoff } from '@aisle/supervision';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { Flow } from '../dispatch/outlet.ts';
import { StageGroup } from '../dispatch/stage-group.ts';
import type { FeedWatch } from '../source/feed.ts';
import { limited } from '../source/limited.source.ts';
import type { Pace } from '../source/pace.ts';
import { RateLimit } from '../source/rate-limit.ts';
import { SourceProducer } from '../source/source-producer.ts';
import type { OpenSource } from '../source/source.ts';
import type { Ending } from '../stage/estate.ts';
import type { OutletOptions, StageOptions } from '../stage/stage.ts';
import { Crew, Hand } from './crew.ts';

/** How all producers of a pipeline are made. */
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

interface Seat<E> extends SeatParts<E> {
  /** It runs dry, and then ends. */
  isLeaving: boolean;
}

interface SeatParts<E> {
  readonly index: number;
  readonly hand: Hand;
  readonly producer: SourceProducer<E>;
  readonly limit: RateLimit;
}

const NOTHING: Flow = {
  produced: 0, acknowledged: 0, deadLettered: 0, parked: 0, queued: 0, inFlight: 0, demand: 0, subscribers: 0,
};

/** The producers of a pipeline, of which each has its source, its rate and its unacknowledged events. */
export class Producers<E> {
  readonly group = new StageGroup();
  readonly crew: Crew;
  private seats: Seat<E>[] = [];
  private isDraining = false;
  /** What those have done that are gone. */
  private gone: Flow = NOTHING;
  private partitions = 1;

  constructor(
    private readonly plan: ProducersPlan<E>,
    private rate: number,
  ) {
    const { maxRestarts, backoff, onEmptied } = plan;
    this.crew = new Crew('producers', { maxRestarts, backoff }, onEmptied);
  }

  get flow(): Flow {
    return this.seats.map(({ producer }) => producer.estate.outlet.flow).reduce(sum, this.gone);
  }

  setRate(rate: number): void {
    this.rate = rate;
    for (const { limit } of this.seats) limit.perSecond = rate;
  }

  /** Between two sets of processors. */
  repartition(partitions: number): void {
    // Without a processor events wait all the same.
    this.partitions = Math.max(1, partitions);
    if (this.plan.partitionBy === undefined) return;
    for (const { producer } of this.seats) producer.estate.outlet.repartition(this.partitions);
  }

  /** So many are there soon. Those that are too many end once what they have fetched is acknowledged. */
  async resize(count: number): Promise<void> {
    const staying = this.seats.filter(({ isLeaving }) => !isLeaving);
    while (this.seats.length - this.leaving < count) this.seats = [...this.seats, this.newSeat()];
    for (const seat of staying.slice(count)) this.leave(seat);
    await this.start();
  }

  /** Starts those that should be there and are not. */
  async start(): Promise<void> {
    await this.crew.start(this.seats.map(({ hand }) => hand));
  }

  get hands(): readonly Hand[] {
    return this.seats.map(({ hand }) => hand);
  }

  /** `finished` would resolve or reject now. */
  get isFinished(): boolean {
    return this.seats.every(({ producer }) => producer.estate.isOver);
  }

  /** Rejects with SourceFailed where a source broke, once all the rest is done. */
  async finished(): Promise<Ending> {
    let seats: readonly Seat<E>[] = [];
    let ends: PromiseSettledResult<Ending>[] = [];
    while (seats !== this.seats) {
      ({ seats } = this);
      ends = await Promise.allSettled(seats.map(({ producer }) => producer.finished()));
    }
    const broken = ends.find((end) => end.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
    return ends.some((end) => end.status === 'fulfilled' && end.value === 'drained') ? 'drained' : 'ended';
  }

  /** A source that broke has run dry as well. */
  async drain(): Promise<void> {
    this.isDraining = true;
    await Promise.allSettled(this.seats.map(({ producer }) => producer.drained()));
  }

  /** A drain belongs to one end of the tree: with its next start all that stay fetch again. */
  resume(): void {
    this.isDraining = false;
    for (const { producer, isLeaving } of this.seats) producer.estate.isDraining = isLeaving;
  }

  private get leaving(): number {
    return this.seats.filter(({ isLeaving }) => isLeaving).length;
  }

  private leave(seat: Seat<E>): void {
    seat.isLeaving = true;
    const gone = (): Promise<void> => {
      this.seats = this.seats.filter((other) => other !== seat);
      this.gone = { ...sum(this.gone, seat.producer.estate.outlet.flow), demand: 0, subscribers: 0 };
      return this.crew.stop([seat.hand]);
    };
    void seat.producer.drained().then(gone, gone);
  }

  private newSeat(): Seat<E> {
    const index = this.freeIndex();
    const { source, pace, stage, watch, onFailure, onRestart } = this.plan;
    const id = `producer ${index}`;
    const limit = new RateLimit(this.rate);
    const onCrash = (error: unknown): void => onFailure(id, error);
    const options = { ...stage, id, onCrash, group: this.group, dispatcher: this.dispatcher() };
    const producer = new SourceProducer(limited(limit, source, pace), index, options, watch);
    producer.estate.isDraining = this.isDraining;
    return { index, limit, producer, hand: new Hand(producer.spec, onRestart), isLeaving: false };
  }

  private freeIndex(): number {
    const taken = new Set(this.seats.map(({ index }) => index));
    let index = 0;
    while (taken.has(index)) index += 1;
    return index;
  }

  private dispatcher(): Dispatcher<E> {
    const { partitionBy: by } = this.plan;
    return by === undefined ? { kind: 'demand' } : { kind: 'partition', partitions: this.partitions, by };
  }
}

function sum(one: Flow, other: Flow): Flow {
  const names = Object.keys(NOTHING) as (keyof Flow)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as Flow;
}
