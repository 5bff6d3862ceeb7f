import type { Runtime } from '@aisle/std';
import type { Backbone, Entry, Publication, SubscribeOptions, Subscription } from './backbone.ts';

/** The options of the memory backbone. */
export interface MemoryBackboneOptions {
  readonly runtime: Pick<Runtime, 'defer'>;
  /** Partitions per topic; 4 by default. */
  readonly partitions?: number | undefined;
}

interface Partition {
  entries: Entry[];
  /** The position that the partition reaches, even if it holds no entry. */
  tail: number;
  readonly readers: Set<Reader>;
}

const ENTRIES_MAX = 500;

/** A backbone for one process with all apps. Its entries end with the process, and the relay publishes them again. */
export class MemoryBackbone implements Backbone {
  readonly partitions: number;
  readonly isShared = false;
  private readonly all = new Map<string, Partition>();

  constructor(private readonly options: MemoryBackboneOptions) {
    this.partitions = options.partitions ?? 4;
  }

  async publish(publications: readonly Publication[]): Promise<number[]> {
    return publications.map((publication) => {
      const partition = this.partition(publication.topic, publication.partition);
      const before = (publication.entries[0]?.position ?? 1) - 1;
      if (partition.tail < before && before > publication.floor) return partition.tail;
      for (const { position, body } of publication.entries) {
        if (position <= partition.tail) continue;
        partition.entries.push({ position, body });
        partition.tail = position;
      }
      for (const reader of partition.readers) reader.wake();
      return partition.tail;
    });
  }

  async tails(topic: string): Promise<number[]> {
    return Array.from({ length: this.partitions }, (_, index) => this.partition(topic, index).tail);
  }

  async reset(topic: string, partition: number): Promise<void> {
    const emptied = this.partition(topic, partition);
    [emptied.entries, emptied.tail] = [[], 0];
  }

  async trim(topic: string, partition: number, upTo: number): Promise<void> {
    const trimmed = this.partition(topic, partition);
    trimmed.entries = trimmed.entries.slice(placeAfter(trimmed.entries, upTo));
  }

  subscribe(options: SubscribeOptions): Subscription {
    const { readers } = this.partition(options.topic, options.partition);
    const reader = new Reader(options, this.options.runtime, (after) => {
      const { entries } = this.partition(options.topic, options.partition);
      const from = placeAfter(entries, after);
      return entries.slice(from, from + ENTRIES_MAX);
    });
    readers.add(reader);
    reader.wake();
    return {
      stop: async () => {
        readers.delete(reader);
        await reader.stop();
      },
    };
  }

  async close(): Promise<void> {
    const readers = [...this.all.values()].flatMap((partition) => [...partition.readers]);
    await Promise.all(readers.map((reader) => reader.stop()));
  }

  /** Forgets everything, like a flushed Redis. */
  flush(): void {
    for (const partition of this.all.values()) [partition.entries, partition.tail] = [[], 0];
  }

  private partition(topic: string, index: number): Partition {
    const name = `${topic}/${index}`;
    let partition = this.all.get(name);
    if (!partition) this.all.set(name, (partition = { entries: [], tail: 0, readers: new Set() }));
    return partition;
  }
}

class Reader {
  private after: number;
  private stopped = false;
  private giving: Promise<void> | undefined;
  private isWoken = false;

  constructor(
    private readonly options: SubscribeOptions,
    private readonly runtime: Pick<Runtime, 'defer'>,
    private readonly read: (after: number) => readonly Entry[],
  ) {
    this.after = options.after;
  }

  wake(): void {
    this.isWoken = true;
    this.giving ??= this.give().finally(() => {
      this.giving = undefined;
      if (this.isWoken && !this.stopped) this.wake();
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.giving;
  }

  private async give(): Promise<void> {
    while (this.isWoken && !this.stopped) {
      this.isWoken = false;
      // Not within the publisher's own turn.
      await new Promise<void>((resolve) => this.runtime.defer(resolve));
      for (let entries = this.read(this.after); entries.length > 0 && !this.stopped; entries = this.read(this.after)) {
        this.after = entries.at(-1)?.position ?? this.after;
        await this.options.onEntries(entries);
      }
    }
  }
}

/** The index of the first entry above a position, by bisection. */
function placeAfter(entries: readonly Entry[], position: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle] as Entry).position <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
