import type { Checkpoint } from './checkpoint.repository.ts';
import { PartitionGroup } from './partition-group.ts';
import type { ReaderOptions } from './partition-group.ts';
import { PartitionWorker } from './partition-worker.ts';
import type { EventHandler } from './received-event.ts';

/** The options of a consumer. */
export interface EventConsumerOptions extends ReaderOptions {
  readonly handle: EventHandler;
  /** The maximum of events per call of the handler; 500 by default. */
  readonly batchMax?: number | undefined;
  /** Attempts before an event becomes a dead letter; 5 by default. */
  readonly attemptsMax?: number | undefined;
  /** The pause before the second attempt, which doubles each time up to 5 s; 100 ms by default. */
  readonly retryMs?: number | undefined;
}

/**
 * Reads topics under a name. Any number of processes share the work: a lease in the database gives each partition to
 * one process, and each process an even share. Every event is handled at least once, and events of a key in order.
 * While an event is retried, its key waits and other keys go on.
 */
export class EventConsumer {
  private readonly group: PartitionGroup<PartitionWorker>;

  constructor(private readonly options: EventConsumerOptions) {
    this.group = new PartitionGroup(options, (from) => this.work(from));
  }

  /** Starts, and keeps trying while the database or the backbone is away. */
  start(): void {
    this.group.start();
  }

  /** Ends the running batches, saves the positions, and frees the partitions for others at once. */
  stop(): Promise<void> {
    return this.group.stop();
  }

  /** The partitions of this process, with their positions. */
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
