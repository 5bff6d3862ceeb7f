import { sleep, type Runtime } from '@aisle/std';
import type { Backbone, Entry } from '../backbone/backbone.ts';
import type { Seals } from '../backbone/seals.ts';
import { Wake } from '../wake.ts';
import { OutboxRepository } from './outbox.repository.ts';
import type { LoggedEvent, OutboxDatabase } from './outbox.repository.ts';
import { RelayedPartition } from './relayed-partition.ts';

/** The reports of a relay, for metrics and logs. `failed` is degraded and handled. */
export type RelayEvent =
  | { readonly kind: 'leading' }
  | { readonly kind: 'published'; readonly count: number }
  | { readonly kind: 'rewound'; readonly topic: string; readonly partition: number; readonly from: number }
  | { readonly kind: 'failed'; readonly error: unknown };

/** The options of a relay. */
export interface OutboxRelayOptions {
  /** The producer's own database URL and schema, with `outboxMigrations`. The relay has one connection. */
  readonly database: OutboxDatabase;
  readonly backbone: Backbone;
  readonly runtime: Runtime;
  /**
   * Consumers, by topic, for which events are kept before their first start. A consumer that has started once is waited
   * for in any case, until `forgetConsumer`.
   */
  readonly keepFor?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Events moved per statement; 1,000 by default. */
  readonly batchMax?: number | undefined;
  /**
   * The approximate maximum of a partition's events in the backbone that its slowest consumer has not read; 100,000 by
   * default.
   */
  readonly aheadMax?: number | undefined;
  /** The longest time between two checks of an idle outbox, 2 s by default. Checks are frequent after an event. */
  readonly pollMs?: number | undefined;
  readonly onEvent?: ((event: RelayEvent) => void) | undefined;
}

const FIRST_POLL_MS = 5;
const STANDBY_MS = 500;
const POLL_MS = 2_000;
// A burst of commits beside another process's relay is one hint to it.
const PASS_ON_MS = 20;
const FAILED_PAUSE_MS = 250;
const LOOK_AROUND_MS = 250;
const PRUNE_MS = 1_000;
const PRUNE_MAX = 20_000;

/**
 * Publishes the events that a producer's transactions wrote to their outbox, in order, at least once. Start one in
 * every process of the producer: one of them leads, by a lock in the database, and another takes over when it is gone.
 * Published events stay in `outbox_log` until every consumer has passed them, and are published again if the backbone
 * has lost them.
 */
export class OutboxRelay {
  private readonly partitions = new Map<string, RelayedPartition>();
  private running: Promise<void> | undefined;
  private stopped = false;
  private readonly wake: Wake;
  private seals: Seals | undefined;
  private idlePollMs = FIRST_POLL_MS;
  private lookedAroundAtMs = -Infinity;
  private prunedAtMs = 0;

  constructor(private readonly options: OutboxRelayOptions) {
    this.wake = new Wake(options.runtime);
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Tells the relay, in whichever process it leads, that the outbox has new events. Call it after every commit. */
  hint(): void {
    this.wake.signal();
  }

  /** Resolves when the running round is done. The rest of the outbox waits for another relay. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake.signal();
    await this.running;
  }

  /** The state of each partition, for an operator's view; empty if another process leads. */
  get state(): readonly object[] {
    return [...this.partitions.values()].map((partition) => partition.view);
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      let repository: OutboxRepository | undefined;
      try {
        repository = await OutboxRepository.connect(this.options.database);
        while (!this.stopped && !(await repository.lock())) await this.standBy(repository);
        if (!this.stopped) await this.lead(repository);
      } catch (error) {
        this.failed(error);
        await this.wait(FAILED_PAUSE_MS);
      } finally {
        this.partitions.clear();
        await repository?.close();
      }
    }
  }

  /** Passes hints on to the leader until it is time to try for the lead again. */
  private async standBy(repository: OutboxRepository): Promise<void> {
    const untilMs = this.nowMs() + STANDBY_MS;
    while (!this.stopped && (await this.wake.wait(untilMs - this.nowMs()))) {
      await repository.hint();
      await sleep(this.options.runtime, PASS_ON_MS);
    }
  }

  private async lead(repository: OutboxRepository): Promise<void> {
    await repository.onHint(() => this.wake.signal());
    this.seals = this.options.backbone.isShared ? await repository.seals() : undefined;
    for (const known of await repository.partitions()) {
      this.partitions.set(nameOf(known), new RelayedPartition(known, this.options.aheadMax));
    }
    this.lookedAroundAtMs = -Infinity;
    this.options.onEvent?.({ kind: 'leading' });
    while (!this.stopped) {
      await this.lookAround(repository);
      const batchMax = this.options.batchMax ?? 1_000;
      const moved = await repository.move(batchMax, this.options.backbone.partitions);
      const published = await this.publish(repository, moved);
      if (published === 0 && moved.length === 0) await this.idle();
      else this.idlePollMs = FIRST_POLL_MS;
    }
    await this.prune(repository);
  }

  /** Publishes the moved events, and older ones in the log that were left behind; returns their number. */
  private async publish(repository: OutboxRepository, moved: readonly LoggedEvent[]): Promise<number> {
    const leaving: { partition: RelayedPartition; entries: LoggedEvent[] }[] = [];
    for (const entries of byPartition(moved)) {
      const partition = this.partitionOf(entries[0] as LoggedEvent);
      const follows = partition.isLevel && partition.hasRoom;
      partition.position = (entries.at(-1) as LoggedEvent).position;
      if (follows) leaving.push({ partition, entries });
    }
    const behind = [...this.partitions.values()].filter(
      (partition) => !partition.isLevel && partition.hasRoom && !leaving.some((one) => one.partition === partition),
    );
    try {
      if (behind.length > 0) {
        const after = behind.map(({ topic, partition, published }) => ({ topic, partition, position: published }));
        const read = await repository.readLog(after, this.options.batchMax ?? 1_000);
        for (const entries of byPartition(read)) {
          leaving.push({ partition: this.partitionOf(entries[0] as LoggedEvent), entries });
        }
      }
      if (leaving.length === 0) return 0;
      const reached = await this.options.backbone.publish(
        leaving.map(({ partition: { topic, partition, floor }, entries }) => ({
          topic, partition, floor, entries: this.sealed(entries),
        })),
      );
      let count = 0;
      leaving.forEach(({ partition, entries }, index) => {
        const last = (entries.at(-1) as LoggedEvent).position;
        if ((reached[index] ?? 0) >= last) {
          partition.published = last;
          count += entries.length;
        } else {
          this.rewind(partition, reached[index] ?? 0);
        }
      });
      this.options.onEvent?.({ kind: 'published', count });
      return leaving.length;
    } catch (error) {
      this.failed(error);
      await this.wait(FAILED_PAUSE_MS);
      return 0;
    }
  }

  private sealed(entries: readonly LoggedEvent[]): readonly (LoggedEvent & Entry)[] {
    const { seals } = this;
    return seals ? entries.map((entry) => ({ ...entry, seal: seals.of(entry, entry) })) : entries;
  }

  /** Reads the consumers' positions, republishes lost events, and deletes unneeded ones. */
  private async lookAround(repository: OutboxRepository): Promise<void> {
    const nowMs = this.nowMs();
    if (nowMs - this.lookedAroundAtMs < LOOK_AROUND_MS) return;
    const topics = [...new Set([...this.partitions.values()].map(({ topic }) => topic))];
    for (const { topic, partition, consumers, floor, wantsRewind } of await repository.readBy(topics)) {
      const relayed = this.partitions.get(nameOf({ topic, partition }));
      const awaited = this.options.keepFor?.[topic] ?? [];
      if (!relayed) continue;
      if (awaited.every((name) => consumers.includes(name))) relayed.passed(floor);
      if (wantsRewind) await this.publishAgain(repository, relayed);
    }
    try {
      for (const topic of topics) await this.compareTails(repository, topic, this.lookedAroundAtMs === -Infinity);
    } catch (error) {
      this.failed(error);
    }
    if (nowMs - this.prunedAtMs >= PRUNE_MS) {
      await this.prune(repository);
      this.prunedAtMs = nowMs;
    }
    this.lookedAroundAtMs = nowMs;
  }

  private async compareTails(repository: OutboxRepository, topic: string, isFirstLook: boolean): Promise<void> {
    const tails = await this.options.backbone.tails(topic);
    for (const [partition, tail] of tails.entries()) {
      const relayed = this.partitions.get(nameOf({ topic, partition }));
      if (!relayed || tail === undefined) continue;
      // A foreign writer has added an entry beyond the last event, where it would block the next one. A consumer that
      // sees it requests a new partition once it has recorded the stray. Without consumers the second check is early
      // enough.
      if (tail > relayed.position && relayed.isOverrun) await this.publishAgain(repository, relayed);
      relayed.isOverrun = tail > relayed.position;
      if (tail < relayed.published && relayed.published > relayed.floor) this.rewind(relayed, tail);
      // The previous leader may have published more than it recorded, so trust the backbone's tail once. Afterwards our
      // own record decides.
      if (isFirstLook && tail > relayed.published && tail <= relayed.position) relayed.published = tail;
    }
  }

  /** A consumer misses events in the middle: the partition is recreated from the log. */
  private async publishAgain(repository: OutboxRepository, partition: RelayedPartition): Promise<void> {
    try {
      await this.options.backbone.reset(partition.topic, partition.partition);
    } catch (error) {
      return this.failed(error);
    }
    this.rewind(partition, 0);
    await repository.rewound(partition.topic, partition.partition);
  }

  private rewind(partition: RelayedPartition, tail: number): void {
    const from = partition.rewind(tail);
    this.options.onEvent?.({ kind: 'rewound', topic: partition.topic, partition: partition.partition, from });
  }

  private async prune(repository: OutboxRepository): Promise<void> {
    const changed = [...this.partitions.values()].filter((partition) => partition.isUnsaved);
    if (changed.length === 0) return;
    const floors = changed.map((partition) => ({
      topic: partition.topic,
      partition: partition.partition,
      // A little at a time, because new events wait for this statement to be published.
      position: Math.min(partition.floor, partition.pruned + PRUNE_MAX),
      published: partition.published,
    }));
    await repository.prune(floors);
    for (const [index, partition] of changed.entries()) {
      partition.saved(floors[index] as (typeof floors)[number]);
      // Entries that stay in the backbone because of an error are trimmed the next time.
      await this.options.backbone.trim(partition.topic, partition.partition, partition.pruned).catch(() => {});
    }
  }

  private partitionOf({ topic, partition }: LoggedEvent): RelayedPartition {
    const name = nameOf({ topic, partition });
    let known = this.partitions.get(name);
    if (!known) {
      known = new RelayedPartition({ topic, partition, position: 0, published: 0, pruned: 0 }, this.options.aheadMax);
      this.partitions.set(name, known);
    }
    return known;
  }

  /** Checks again soon after an event, and less often when none comes. */
  private async idle(): Promise<void> {
    await this.wait(this.idlePollMs);
    this.idlePollMs = Math.min(this.options.pollMs ?? POLL_MS, this.idlePollMs * 2);
  }

  private async wait(delayMs: number): Promise<void> {
    if (!this.stopped) await this.wake.wait(delayMs);
  }

  private nowMs(): number {
    return this.options.runtime.clock.monotonicMs();
  }

  private failed(error: unknown): void {
    if (!this.stopped) this.options.onEvent?.({ kind: 'failed', error });
  }
}

function nameOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}/${partition}`;
}

/** The events of each partition, which are adjacent. */
function byPartition(events: readonly LoggedEvent[]): LoggedEvent[][] {
  const groups: LoggedEvent[][] = [];
  for (const event of events) {
    const group = groups.at(-1);
    if (group?.[0]?.topic === event.topic && group[0].partition === event.partition) group.push(event);
    else groups.push([event]);
  }
  return groups;
}
