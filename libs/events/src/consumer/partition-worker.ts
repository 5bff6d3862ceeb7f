import type { Runtime } from '@aisle/std';
import type { Backbone } from '../backbone/backbone.ts';
import { Wake } from '../wake.ts';
import type { Checkpoint, TopicPartition } from './checkpoint.repository.ts';
import type { Burial, DeadLetter } from './dead-letters.repository.ts';
import { describeError, isTransient, itemOf } from './item.ts';
import type { Item } from './item.ts';
import { Parking } from './parking.ts';
import type { Seals } from '../backbone/seals.ts';
import { PartitionInlet } from './partition-inlet.ts';
import type { ConsumerEvent, EventHandler } from './received-event.ts';
import { Strays } from './strays.ts';
import { BEHIND, tryEvents } from './try-events.ts';

/** The options of a worker. */
export interface PartitionWorkerOptions {
  readonly consumer: string;
  readonly backbone: Backbone;
  readonly seals: Seals | undefined;
  readonly runtime: Runtime;
  readonly handle: EventHandler;
  readonly batchMax: number;
  readonly bufferMax: number;
  readonly attemptsMax: number;
  readonly retryMs: number;
  readonly bury: (letter: Burial) => Promise<void>;
  /** Deletes a dead letter that was handled after all. */
  readonly revive: (id: number) => Promise<void>;
  readonly wantRewind: (place: TopicPartition) => Promise<void>;
  readonly onEvent: (event: ConsumerEvent) => void;
}

const IDLE_MS = 10_000;

/** One partition of one consumer: its events are handled in order, one batch at a time. */
export class PartitionWorker {
  private readonly place: TopicPartition;
  private readonly inlet: PartitionInlet;
  private readonly strays: Strays;
  private readonly parking: Parking;
  private readonly letters: DeadLetter[] = [];
  private readonly wake: Wake;
  /** The last event that is settled or parked. */
  private passed: Pick<Item, 'position' | 'resumeAt'>;
  private stopped = false;
  private readonly ended: Promise<void>;

  constructor(from: Checkpoint, private readonly options: PartitionWorkerOptions) {
    this.place = { topic: from.topic, partition: from.partition };
    this.parking = new Parking(options.retryMs);
    this.wake = new Wake(options.runtime);
    this.passed = { position: from.position, resumeAt: from.resumeAt ?? undefined };
    this.strays = new Strays({ ...options, place: this.place });
    this.inlet = new PartitionInlet(from, {
      ...options,
      onItems: () => this.wake.signal(),
      onStrays: (entries) => this.strays.add(entries),
      onGap: (after) => this.askForRewind(after),
    });
    this.ended = this.run();
  }

  /** Everything up to this position is settled: handled, or a dead letter. */
  get checkpoint(): Checkpoint {
    const { oldest } = this.parking;
    const held = oldest && oldest.position <= this.passed.position ? oldest : undefined;
    return {
      ...this.place,
      position: held ? held.position - 1 : this.passed.position,
      resumeAt: (held ?? this.passed).resumeAt ?? null,
    };
  }

  /** Tries these dead letters again, between two batches. */
  redrive(letters: readonly DeadLetter[]): void {
    const known = new Set(this.letters.map(({ id }) => id));
    this.letters.push(...letters.filter(({ id }) => !known.has(id)));
    this.wake.signal();
  }

  /** Ends the running batch, and takes no other. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake.signal();
    await Promise.all([this.inlet.stop(), this.strays.stop(), this.ended]);
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        if (!(await this.step())) await this.wake.wait(this.untilDueMs());
      } catch (error) {
        // Not an error of the handler: most likely a dead letter could not be written. Its event is still open.
        this.options.onEvent({ kind: 'failed', error });
        await this.wake.wait(this.options.retryMs);
      }
    }
  }

  /** Does one step; false if there is nothing to do. */
  private async step(): Promise<boolean> {
    const due = this.parking.due(this.nowMs());
    if (due.length > 0) {
      await this.retry(due);
      return true;
    }
    const letter = this.letters[0];
    if (letter) {
      await this.retryLetter(letter);
      this.letters.shift();
      return true;
    }
    // At most one buffer of events passes a parked one, which bounds the repeated work after a crash.
    const batch = this.parking.size < this.options.bufferMax ? this.inlet.take(this.options.batchMax) : [];
    if (batch.length > 0) await this.take(batch);
    return batch.length > 0;
  }

  private async take(batch: readonly Item[]): Promise<void> {
    const free = batch.filter(({ key }) => !this.parking.has(key));
    const waiting = batch.filter(({ key }) => this.parking.has(key));
    const failed = await this.try(free);
    if (!failed) return;
    // Parked before it has passed, so that the checkpoint never counts it as settled.
    for (const item of waiting) this.parking.add(item, this.nowMs());
    for (const [item, error] of inOrder(failed)) {
      if (!(await this.isBuried(item, error))) this.parking.add(item, this.nowMs());
    }
    this.passed = batch.at(-1) as Item;
  }

  private async retry(due: readonly Item[]): Promise<void> {
    const failed = await this.try(due);
    if (!failed) return;
    for (const item of due) if (!failed.has(item)) this.parking.done(item, this.nowMs());
    for (const [item, error] of inOrder(failed)) {
      if (await this.isBuried(item, error)) this.parking.done(item, this.nowMs());
      else if (error !== BEHIND) this.parking.again(item, this.nowMs());
    }
  }

  private async try(items: readonly Item[]): Promise<ReadonlyMap<Item, unknown> | undefined> {
    const { handle, retryMs, onEvent } = this.options;
    const beganAtMs = this.nowMs();
    const failed = await tryEvents(items, {
      handle,
      retryMs,
      pause: (delayMs) => this.pause(delayMs),
      isStopped: () => this.stopped,
      onHeld: (error) => onEvent({ kind: 'held', ...this.place, error }),
    });
    const count = items.length - (failed?.size ?? items.length);
    if (count > 0) onEvent({ kind: 'handled', ...this.place, count, durationMs: this.nowMs() - beganAtMs });
    return failed;
  }

  /** Counts the attempt. After the last one the event becomes a dead letter, and is settled. */
  private async isBuried(item: Item, error: unknown): Promise<boolean> {
    if (error === BEHIND) return false;
    const { attemptsMax, onEvent } = this.options;
    const { position } = item;
    if (!isTransient(error)) item.attempts += 1;
    if (item.attempts < attemptsMax) {
      onEvent({ kind: 'parked', ...this.place, position, attempts: item.attempts, error });
      return false;
    }
    try {
      await this.bury(item, error);
    } catch (failure) {
      onEvent({ kind: 'failed', error: failure });
      return false;
    }
    onEvent({ kind: 'dead', ...this.place, position, error });
    return true;
  }

  private async retryLetter({ id, position, body, isEscaped, isStray }: DeadLetter): Promise<void> {
    const item = itemOf({ position, body, isEscaped }, this.place.topic, this.place.partition);
    const failed = await this.try([item]);
    if (!failed) return;
    const error = failed.get(item);
    if (!failed.has(item)) {
      await this.options.revive(id);
      this.options.onEvent({ kind: 'revived', ...this.place, position });
    } else if (!isTransient(error)) {
      item.attempts = 1;
      await this.bury(item, error, isStray);
    }
  }

  private bury({ position, body, isEscaped, received, attempts }: Item, error: unknown, isStray = false): Promise<void> {
    const event = received?.event;
    return this.options.bury({
      consumer: this.options.consumer,
      ...this.place,
      position,
      eventId: event?.id ?? null,
      type: event?.type ?? null,
      key: event?.key ?? null,
      body,
      isEscaped: isEscaped === true,
      isStray,
      attempts,
      ...describeError(error),
    });
  }

  private askForRewind(after: number): void {
    const { wantRewind, onEvent } = this.options;
    onEvent({ kind: 'gap', ...this.place, after });
    wantRewind(this.place).catch((error: unknown) => onEvent({ kind: 'failed', error }));
  }

  /** Waits before the next attempt. All other work of the partition waits, too. */
  private async pause(delayMs: number): Promise<void> {
    const untilMs = this.nowMs() + delayMs;
    while (!this.stopped && this.nowMs() < untilMs) await this.wake.wait(untilMs - this.nowMs());
  }

  private nowMs(): number {
    return this.options.runtime.clock.monotonicMs();
  }

  private untilDueMs(): number {
    const { nextDueMs } = this.parking;
    return nextDueMs === undefined ? IDLE_MS : Math.max(0, nextDueMs - this.nowMs());
  }
}

function inOrder(failed: ReadonlyMap<Item, unknown>): [Item, unknown][] {
  return [...failed].sort(([one], [other]) => one.position - other.position);
}
