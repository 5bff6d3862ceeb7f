import { Passes, type PassesOptions } from '@aisle/std';
import type { RecordedRow } from '../journal-storage.ts';
import type { ReadableJournal, TailConsumer } from './tail-consumer.ts';
import { TailPosition } from './tail-position.ts';

/** The journal, its shards held here, the interval, and the consumers. */
export interface JournalTailOptions extends PassesOptions {
  readonly journal: ReadableJournal;
  /** The shards whose rows this node takes at this moment. */
  readonly heldShards: () => readonly number[];
  /** Each row is read once for all of them. Each has its own position, and none waits for another. */
  readonly consumers: readonly TailConsumer[];
  /** A pass, or one row of it, failed; the next pass tries again. */
  readonly onFailed: PassesOptions['onFailed'];
}

/** A shard, and the consumers that may find more in it during this pass. */
interface Unread {
  readonly shard: number;
  readonly readers: readonly TailPosition[];
}

// Each round trip reads at most this many rows: few of each of many shards, and more of the shards that have more.
const ROWS_AT_ONCE = 1_024;
const ROWS_PER_SHARD = 64;
const SHARDS_AT_ONCE = 128;
// A checkpoint costs a row. After a crash the rows since the last one are read again.
const SAVE_EVERY_MS = 30_000;

/**
 * Reads the rows of the shards held here in commit order, from the last position of each consumer on any node. A
 * checkpoint passes a row only when it was taken, so the shard's next owner finds the rows that a crash left. A row at
 * which a consumer has a bug holds up that consumer's checkpoint, and no other row.
 */
export class JournalTail extends Passes {
  private readonly readers: readonly TailPosition[];
  private savedAtMs = 0;

  constructor(private readonly options: JournalTailOptions) {
    super(options);
    this.readers = options.consumers.map((consumer) => new TailPosition(consumer, options));
  }

  /** Ends the running pass, and saves its position. */
  override async stop(): Promise<void> {
    await super.stop();
    await this.save().catch(this.options.onFailed);
  }

  protected async run(): Promise<void> {
    const { heldShards, runtime } = this.options;
    const held = heldShards();
    await Promise.all(this.readers.map((reader) => reader.catchUp()));
    await Promise.all(this.readers.map((reader) => reader.retryStuck(held)));
    for (let first = 0; first < held.length && !this.isStopped; first += SHARDS_AT_ONCE) {
      await this.readShards(held.slice(first, first + SHARDS_AT_ONCE));
    }
    if (runtime.clock.monotonicMs() - this.savedAtMs >= SAVE_EVERY_MS) await this.save();
  }

  private async readShards(shards: readonly number[]): Promise<void> {
    let unread: Unread[] = shards.map((shard) => ({ shard, readers: this.readers }));
    while (unread.length > 0 && !this.isStopped) {
      const positions = unread.map(({ shard, readers }) => ({
        shard, pos: Math.min(...readers.map((reader) => reader.reachedIn(shard))),
      }));
      const rowsPerShard = Math.min(ROWS_PER_SHARD, Math.floor(ROWS_AT_ONCE / unread.length));
      const pages = new Map<number, RecordedRow[]>();
      for (const row of await this.options.journal.readAfter(positions, rowsPerShard)) {
        const page = pages.get(row.shard);
        if (page) page.push(row);
        else pages.set(row.shard, [row]);
      }
      // One page at a time: taking rows brings actors into memory, and others have to make room.
      const more: Unread[] = [];
      for (const { shard, readers } of unread) {
        const page = pages.get(shard) ?? [];
        const going = await takenBy(readers, page);
        if (page.length === rowsPerShard && going.length > 0) more.push({ shard, readers: going });
      }
      unread = more;
    }
  }

  private async save(): Promise<void> {
    this.savedAtMs = this.options.runtime.clock.monotonicMs();
    await Promise.all(this.readers.map((reader) => reader.save()));
  }
}

/** The consumers that took the whole page. */
async function takenBy(readers: readonly TailPosition[], page: readonly RecordedRow[]): Promise<TailPosition[]> {
  const going: TailPosition[] = [];
  for (const reader of readers) if (await reader.takePage(page)) going.push(reader);
  return going;
}
