import { createPool } from '@aisle/persistence';
import { uuidv7 } from '@aisle/std';
import type { Runtime } from '@aisle/std';
import type { Backbone } from '../backbone/backbone.ts';
import { Seals } from '../backbone/seals.ts';
import { EVENTS_SCHEMA } from '../events.migration.ts';
import { Wake } from '../wake.ts';
import { CheckpointRepository } from './checkpoint.repository.ts';
import type { Checkpoint, TopicPartition } from './checkpoint.repository.ts';
import { DeadLetters } from './dead-letters.repository.ts';
import type { DeadLetter } from './dead-letters.repository.ts';
import { fairShare } from './fair-share.ts';
import type { ConsumerEvent } from './received-event.ts';

/** The name, topics and bounds of a reader, and the database of its positions. */
export interface ReaderOptions {
  /** The same in all its processes, and for ever: positions are stored under it. */
  readonly name: string;
  readonly topics: readonly string[];
  readonly backbone: Backbone;
  /** The app's own database URL, with `eventsSchema` migrated. Two connections. */
  readonly database: { readonly url: string; readonly applicationName: string };
  readonly runtime: Runtime;
  /** The approximate maximum of a partition's events in memory; 2,000 by default. */
  readonly bufferMax?: number | undefined;
  /** A process that is silent for this long loses its partitions; 3,000 ms by default. */
  readonly leaseMs?: number | undefined;
  readonly onEvent?: ((event: ConsumerEvent) => void) | undefined;
}

/** Reads one partition for as long as this process owns it. */
export interface PartitionReader {
  /** Everything up to this position is settled. */
  readonly checkpoint: Checkpoint;
  /** Tries these dead letters again. Some may have been passed before. */
  redrive(letters: readonly DeadLetter[]): void;
  stop(): Promise<void>;
}

const SAVE_MS = 200;

/**
 * A process's partitions of a consumer, by leases in the database, an even share for each process. Renews the leases,
 * and saves the readers' positions.
 */
export class PartitionGroup<R extends PartitionReader> {
  readonly checkpoints: CheckpointRepository;
  readonly deadLetters: DeadLetters;
  private readonly member: string;
  private readonly pool: ReturnType<typeof createPool>;
  private readonly held = new Map<string, R>();
  private readonly saved = new Map<string, number>();
  private readonly wake: Wake;
  private readonly leaseMs: number;
  private running: Promise<void> | undefined;
  private loadedSeals: Seals | undefined;
  private isRegistered = false;
  private beatAtMs = -Infinity;
  private stopped = false;

  constructor(
    private readonly options: ReaderOptions,
    private readonly begin: (from: Checkpoint) => R,
  ) {
    this.member = uuidv7(options.runtime);
    this.pool = createPool({ ...options.database, schema: EVENTS_SCHEMA, poolMax: 2 });
    this.checkpoints = new CheckpointRepository(this.pool, options.name, this.member);
    this.deadLetters = new DeadLetters(this.pool);
    this.wake = new Wake(options.runtime);
    this.leaseMs = options.leaseMs ?? 3_000;
  }

  /** Verifies entries of relays; undefined if nobody else can write. Set before the first reader. */
  get seals(): Seals | undefined {
    return this.loadedSeals;
  }

  get readers(): R[] {
    return [...this.held.values()];
  }

  readerOf(place: TopicPartition): R | undefined {
    return this.held.get(nameOf(place));
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Stops the readers, saves their positions, and frees the partitions for others at once. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake.signal();
    await this.running;
    try {
      await this.release(this.readers.map(({ checkpoint }) => checkpoint));
      await this.checkpoints.leave();
    } catch (error) {
      this.failed(error);
    } finally {
      await this.pool.end();
    }
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        if (this.nowMs() - this.beatAtMs >= this.leaseMs / 3) await this.beat();
        await this.save();
      } catch (error) {
        this.failed(error);
      }
      await this.wake.wait(SAVE_MS);
    }
  }

  /** Renews the leases, and brings this process to its share. */
  private async beat(): Promise<void> {
    const { topics, backbone, runtime } = this.options;
    if (backbone.isShared) this.loadedSeals ??= await Seals.load(this.pool);
    if (!this.isRegistered) await this.checkpoints.register(topics, backbone.partitions);
    this.isRegistered = true;
    const view = await this.checkpoints.beat(topics, this.leaseMs);
    this.beatAtMs = this.nowMs();
    const own = view.places.filter(({ owner }) => owner === this.member);
    const owned = new Set(own.map(nameOf));
    // While this process was frozen or cut off, another one took over.
    await this.end([...this.held.keys()].filter((name) => !owned.has(name)));

    const { claim, release } = fairShare(view, this.member, runtime.random.int(1_024));
    await this.release(release);
    // A claim whose answer was lost is ours, and nobody reads it.
    const unread = own.filter((place) => !this.held.has(nameOf(place)) && !release.includes(place));
    await this.claim([...claim, ...unread]);
    if (view.hasRedriven) await this.redrive();
  }

  private async claim(places: readonly TopicPartition[]): Promise<void> {
    if (places.length === 0) return;
    for (const from of await this.checkpoints.claim(places)) {
      const { topic, partition } = from;
      this.saved.set(nameOf(from), from.position);
      this.held.set(nameOf(from), this.begin(from));
      this.options.onEvent?.({ kind: 'acquired', topic, partition });
    }
  }

  private async redrive(): Promise<void> {
    if (this.held.size === 0) return;
    const places = this.readers.map(({ checkpoint }) => checkpoint);
    for (const letter of await this.deadLetters.redriven(this.options.name, places)) {
      this.readerOf(letter)?.redrive([letter]);
    }
  }

  private async release(places: readonly TopicPartition[]): Promise<void> {
    if (places.length === 0) return;
    await this.end(places.map(nameOf));
    await this.checkpoints.release(places);
  }

  private async end(names: readonly string[]): Promise<void> {
    const ending = names.flatMap((name) => this.held.get(name) ?? []);
    if (ending.length === 0) return;
    await Promise.all(ending.map((reader) => reader.stop()));
    await this.save();
    for (const { checkpoint: { topic, partition } } of ending) {
      this.held.delete(nameOf({ topic, partition }));
      this.options.onEvent?.({ kind: 'released', topic, partition });
    }
  }

  private async save(): Promise<void> {
    const moved = this.readers
      .map(({ checkpoint }) => checkpoint)
      .filter((checkpoint) => checkpoint.position > (this.saved.get(nameOf(checkpoint)) ?? 0));
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

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
