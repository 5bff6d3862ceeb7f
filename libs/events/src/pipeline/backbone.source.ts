import type { OpenSource } from '@aisle/pipeline';
import { sleep } from '@aisle/std';
import type { DeadLetter } from '../consumer/dead-letters.repository.ts';
import { describeError, itemOf } from '../consumer/item.ts';
import type { Item } from '../consumer/item.ts';
import { PartitionGroup } from '../consumer/partition-group.ts';
import type { ReaderOptions } from '../consumer/partition-group.ts';
import type { ReceivedEvent } from '../consumer/received-event.ts';
import { SourcePartition } from './source-partition.ts';

/** The options of a source over a backbone. */
export type BackboneSourceOptions = ReaderOptions;

const BURY_AGAIN_MS = 500;

/**
 * Topics as the source of pipelines. `open` is the source, for any number of producers. It reads no more from the
 * backbone than the pipeline demands and the buffers hold. An acknowledged event may come again after a crash, since
 * the position up to which everything is acknowledged is saved a few times a second. An unacknowledged event always
 * comes again.
 */
export class BackboneSource {
  private readonly group: PartitionGroup<SourcePartition>;
  private readonly wakes = new Set<() => void>();
  /** Dead letters to be tried again. `redriven` also contains those whose outcome is open. */
  private readonly letters: ReceivedEvent[] = [];
  private readonly redriven = new Map<ReceivedEvent, DeadLetter>();
  private turn = 0;

  constructor(private readonly options: BackboneSourceOptions) {
    const { name, backbone, runtime, bufferMax = 2_000, onEvent } = options;
    this.group = new PartitionGroup(options, (from) => new SourcePartition(from, {
      consumer: name,
      backbone,
      runtime,
      bufferMax,
      seals: this.group.seals,
      bury: (letter) => this.group.deadLetters.bury(letter),
      wantRewind: (place) => this.group.checkpoints.wantRewind(place),
      onEvent: onEvent ?? (() => {}),
      onItems: () => this.wakeAll(),
      onLetters: (letters) => this.takeLetters(letters),
    }));
  }

  start(): void {
    this.group.start();
  }

  /** Saves the acknowledged positions, and frees its partitions for others. Call it after the pipeline has ended. */
  stop(): Promise<void> {
    return this.group.stop();
  }

  readonly open: OpenSource<ReceivedEvent> = ({ wake }) => {
    this.wakes.add(wake);
    return {
      fetch: (demand) => this.fetch(demand),
      ack: (events) => this.ack(events),
      close: () => void this.wakes.delete(wake),
    };
  };

  /** For the `deadLetter` of a pipeline's `retry`: records an event that is given up. */
  async deadLetter(received: ReceivedEvent, attempts: number, error: unknown = new GivenUp()): Promise<void> {
    const letter = this.redriven.get(received);
    this.redriven.delete(received);
    const { topic, partition, position, event } = received;
    await this.group.deadLetters.bury({
      consumer: this.options.name, topic, partition, position, eventId: event.id, type: event.type, key: event.key,
      body: JSON.stringify(event), isEscaped: false, isStray: letter?.isStray === true, attempts, ...describeError(error),
    });
    this.options.onEvent?.({ kind: 'dead', topic, partition, position, error });
  }

  private fetch(demand: number): ReceivedEvent[] {
    const events = this.letters.splice(0, demand);
    const { readers } = this.group;
    // A different partition comes first each time, so that none is left out when the others have enough events.
    this.turn += 1;
    for (let index = 0; index < readers.length && events.length < demand; index += 1) {
      const reader = readers[(this.turn + index) % readers.length] as SourcePartition;
      for (const item of reader.take(demand - events.length)) {
        if (item.received) events.push(item.received);
        else void this.buryUnreadable(reader, item);
      }
    }
    return events;
  }

  private async ack(events: readonly ReceivedEvent[]): Promise<void> {
    const positions = new Map<SourcePartition, number[]>();
    const revived: number[] = [];
    for (const received of events) {
      const id = this.redriven.get(received)?.id;
      const reader = this.group.readerOf(received);
      const acked = reader && positions.get(reader);
      if (id !== undefined) revived.push(id);
      else if (acked) acked.push(received.position);
      else if (reader) positions.set(reader, [received.position]);
    }
    for (const [reader, acked] of positions) reader.ack(acked);
    if (revived.length === 0) return;
    await this.group.deadLetters.discard({ ids: revived });
    for (const received of events) this.redriven.delete(received);
  }

  /** A body that is not an event reaches no stage, since no stage could handle it. */
  private async buryUnreadable(reader: SourcePartition, { position, body, isEscaped = false, error }: Item): Promise<void> {
    const { topic, partition } = reader.checkpoint;
    const letter = {
      consumer: this.options.name, topic, partition, position, eventId: null, type: null, key: null, body, isEscaped,
      isStray: false, attempts: 1, ...describeError(error),
    };
    while (this.group.readerOf(reader.checkpoint) === reader) {
      try {
        await this.group.deadLetters.bury(letter);
        this.options.onEvent?.({ kind: 'dead', topic, partition, position, error });
        return reader.ack([position]);
      } catch (failure) {
        this.options.onEvent?.({ kind: 'failed', error: failure });
        await sleep(this.options.runtime, BURY_AGAIN_MS);
      }
    }
  }

  private takeLetters(letters: readonly DeadLetter[]): void {
    const known = new Set([...this.redriven.values()].map(({ id }) => id));
    for (const letter of letters.filter(({ id }) => !known.has(id))) {
      const { received, error } = itemOf(letter, letter.topic, letter.partition);
      if (received) {
        this.redriven.set(received, letter);
        this.letters.push(received);
      } else {
        const again = this.group.deadLetters.bury({ ...letter, attempts: 1, ...describeError(error) });
        again.catch((failure: unknown) => this.options.onEvent?.({ kind: 'failed', error: failure }));
      }
    }
    this.wakeAll();
  }

  private wakeAll(): void {
    for (const wake of this.wakes) wake();
  }
}

class GivenUp extends Error {
  override readonly name = 'GivenUp';
  constructor() {
    super('the pipeline gave it up after its last attempt');
  }
}
