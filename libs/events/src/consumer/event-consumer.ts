import type { Checkpoint } from './checkpoint.repository.ts';
import { PartitionGroup } from './partition-group.ts';
import type { ReaderOptions } from './partition-group.ts';
import { PartitionWorker } from './partition-worker.ts';
import type { EventHandler } from './received-event.ts';

/** What a consumer is made of. */
export interface EventConsumerOptions extends ReaderOptions {
  readonly handle: EventHandler;
  /** Events a call of the handler, at most; 500 unless told. */
  readonly batchMax?: number | undefined;
  /** Attempts before an event is a dead letter; 5 unless told. */
  readonly attemptsMax?: number | undefined;
  /** Pause before the second attempt, doubled each time up to 5 s; 100 ms unless told. */
  readonly retryMs?: number | undefined;
}

/**
 * Reads topics under a name. Any number of processes share the work: each partition has one of them at a time, by
 * a lease in the database, and each of them an even share. Every event is handled at least once, those of a key in
 * their order; while one is tried again, its key waits and the others go on.
 */
export class EventConsumer {
  private readonly group: PartitionGroup<PartitionWorker>;

  constructor(private readonly options: EventConsumerOptions) {
    this.group = new PartitionGroup(options, (from) => this.work(from));
  }

  /** Begins, and goes on trying when the database or the backbone is away. */
  start(): void {
    this.group.start();
  }

  /** Ends the batches under way, saves how far it came, and gives its partitions to others at once. */
  stop(): Promise<void> {
    return this.group.stop();
  }

  /** The partitions that this process has, and how far each is. */
  get state(): readonly Checkpoint[] {
    return this.group.readers.map(({ checkpoint }) => checkpoint);
  }

  private work(from: Checkpoint): PartitionWorker {
    const { name, backbone, runtime, handle, batchMax, bufferMax, attemptsMax, retryMs, onEvent } = this.options;
    const { deadLetters, checkpoints } = this.group;
    return new PartitionWorker(from, {
      consumer: name,
      backbone,
      seals: this.group.seals,
      runtime,
      handle,
      batchMax: batchMax ?? 500,
      bufferMax: bufferMax ?? 2_000,
      attemptsMax: attemptsMax ?? 5,
      retryMs: retryMs ?? 100,
      bury: (letter) => deadLetters.bury(letter),
      revive: async (id) => void (await deadLetters.discard({ ids: [id] })),
      wantRewind: (place) => checkpoints.wantRewind(place),
      onEvent: onEvent ?? (() => {}),
    });
  }
}
