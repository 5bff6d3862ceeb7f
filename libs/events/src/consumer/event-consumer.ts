import { createPool } from '@aisle/persistence';
import { uuidv7 } from '@aisle/std';
import type { Runtime } from '@aisle/std';
import type { Backbone } from '../backbone/backbone.ts';
import { EVENTS_SCHEMA } from '../events.migration.ts';
import { Wake } from '../wake.ts';
import { CheckpointRepository } from './checkpoint.repository.ts';
import type { Checkpoint, Place } from './checkpoint.repository.ts';
import { DeadLetters } from './dead-letters.repository.ts';
import { fairShare } from './fair-share.ts';
import { PartitionWorker } from './partition-worker.ts';
import type { ConsumerEvent, EventHandler } from './received-event.ts';

/** What a consumer is made of. */
export interface EventConsumerOptions {
  /** The same in all its processes, and for life: under it the positions are kept. */
  readonly name: string;
  readonly topics: readonly string[];
  readonly backbone: Backbone;
  /** The app's own database URL; `eventsSchema` was migrated there. Two connections. */
  readonly database: { readonly url: string; readonly applicationName: string };
  readonly runtime: Runtime;
  readonly handle: EventHandler;
  /** Events a call of the handler, at most; 500 unless told. */
  readonly batchMax?: number | undefined;
  /** Events of a partition held in memory, at most about; 2,000 unless told. */
  readonly bufferMax?: number | undefined;
  /** Attempts before an event is a dead letter; 5 unless told. */
  readonly attemptsMax?: number | undefined;
  /** Pause before the second attempt, doubled each time up to 5 s; 100 ms unless told. */
  readonly retryMs?: number | undefined;
  /** A process that is silent for so long loses its partitions; 3,000 ms unless told. */
  readonly leaseMs?: number | undefined;
  readonly onEvent?: ((event: ConsumerEvent) => void) | undefined;
}

const SAVE_MS = 200;

/**
 * Reads topics under a name. Any number of processes share the work: each partition has one of them at a time, by
 * a lease in the database, and each of them an even share. Every event is handled at least once, those of a key in
 * their order; while one is tried again, its key waits and the others go on.
 */
export class EventConsumer {
  private readonly member: string;
  private readonly pool: ReturnType<typeof createPool>;
  private readonly checkpoints: CheckpointRepository;
  private readonly deadLetters: DeadLetters;
  private readonly workers = new Map<string, PartitionWorker>();
  private readonly saved = new Map<string, number>();
  private readonly wake: Wake;
  private readonly leaseMs: number;
  private running: Promise<void> | undefined;
  private isRegistered = false;
  private beatAtMs = -Infinity;
  private stopped = false;

  constructor(private readonly options: EventConsumerOptions) {
    this.member = uuidv7(options.runtime);
    this.pool = createPool({ ...options.database, schema: EVENTS_SCHEMA, poolMax: 2 });
    this.checkpoints = new CheckpointRepository(this.pool, options.name, this.member);
    this.deadLetters = new DeadLetters(this.pool);
    this.wake = new Wake(options.runtime);
    this.leaseMs = options.leaseMs ?? 3_000;
  }

  /** Begins, and goes on trying when the database or the backbone is away. */
  start(): void {
    this.running ??= this.run();
  }

  /** Ends the batches under way, saves how far it came, and gives its partitions to others at once. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake.signal();
    await this.running;
    try {
      await this.release([...this.workers.keys()].map(placeOf));
      await this.checkpoints.leave();
    } catch (error) {
      this.failed(error);
    } finally {
      await this.pool.end();
    }
  }

  /** The partitions that this process has, and how far each is. */
  get state(): readonly Checkpoint[] {
    return [...this.workers.values()].map((worker) => worker.checkpoint);
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        if (this.nowMs() - this.beatAtMs >= this.leaseMs / 4) await this.beat();
        await this.save();
      } catch (error) {
        this.failed(error);
      }
      await this.wake.wait(SAVE_MS);
    }
  }

  /** Renews the leases, and brings this process to its share. */
  private async beat(): Promise<void> {
    const { topics, backbone, name, runtime } = this.options;
    if (!this.isRegistered) await this.checkpoints.register(topics, backbone.partitions);
    this.isRegistered = true;
    const view = await this.checkpoints.beat(topics, this.leaseMs);
    this.beatAtMs = this.nowMs();
    const own = new Set(view.places.filter(({ owner }) => owner === this.member).map(nameOf));
    // While this process was frozen or cut off, somebody else took over.
    const lost = [...this.workers.keys()].filter((worker) => !own.has(worker));
    await this.end(lost);

    const { claim, release } = fairShare(view, this.member, runtime.random.int(1_024));
    await this.release(release);
    const gone = new Set([...lost, ...release.map(nameOf)]);
    const lapsed = view.places.filter((place) => own.has(nameOf(place)) && !this.workers.has(nameOf(place)));
    const wanted = [...claim, ...lapsed.filter((place) => !gone.has(nameOf(place)))];
    if (wanted.length > 0) {
      for (const checkpoint of await this.checkpoints.claim(wanted, this.leaseMs)) this.begin(checkpoint);
    }
    if (this.workers.size === 0) return;
    for (const letter of await this.deadLetters.redriven(name, [...this.workers.keys()].map(placeOf))) {
      this.workers.get(nameOf(letter))?.redrive([letter]);
    }
  }

  private begin(from: Checkpoint): void {
    const { topic, partition } = from;
    this.saved.set(nameOf(from), from.position);
    this.workers.set(nameOf(from), new PartitionWorker(from, {
      consumer: this.options.name,
      backbone: this.options.backbone,
      runtime: this.options.runtime,
      handle: this.options.handle,
      batchMax: this.options.batchMax ?? 500,
      bufferMax: this.options.bufferMax ?? 2_000,
      attemptsMax: this.options.attemptsMax ?? 5,
      retryMs: this.options.retryMs ?? 100,
      bury: (letter) => this.deadLetters.bury(letter),
      revive: async (id) => void (await this.deadLetters.discard({ ids: [id] })),
      wantRewind: (place) => this.checkpoints.wantRewind(place),
      onEvent: this.options.onEvent ?? (() => {}),
    }));
    this.options.onEvent?.({ kind: 'acquired', topic, partition });
  }

  private async release(places: readonly Place[]): Promise<void> {
    if (places.length === 0) return;
    await this.end(places.map(nameOf));
    await this.checkpoints.release(places);
  }

  private async end(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const workers = names.flatMap((name) => this.workers.get(name) ?? []);
    await Promise.all(workers.map((worker) => worker.stop()));
    await this.save();
    for (const name of names) {
      if (this.workers.delete(name)) this.options.onEvent?.({ kind: 'released', ...placeOf(name) });
    }
  }

  private async save(): Promise<void> {
    const moved = this.state.filter((checkpoint) => checkpoint.position > (this.saved.get(nameOf(checkpoint)) ?? 0));
    if (moved.length === 0) return;
    await this.checkpoints.save(moved);
    for (const checkpoint of moved) this.saved.set(nameOf(checkpoint), checkpoint.position);
  }

  private nowMs(): number {
    return this.options.runtime.clock.monotonicMs();
  }

  private failed(error: unknown): void {
    this.options.onEvent?.({ kind: 'failed', error });
  }
}

function nameOf({ topic, partition }: Place): string {
  return `${partition}/${topic}`;
}

function placeOf(name: string): Place {
  const slash = name.indexOf('/');
  return { topic: name.slice(slash + 1), partition: Number(name.slice(0, slash)) };
}
