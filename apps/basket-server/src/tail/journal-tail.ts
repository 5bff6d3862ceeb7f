import type { Journal, RecordedRow, ShardPosition } from '@aisle/journal';
import type { Runtime, Timer } from '@aisle/std';

/** What of the journal a reader of its rows needs. */
export type ReadableJournal = Pick<Journal, 'readAfter' | 'checkpoints' | 'saveCheckpoints' | 'history'>;

export interface JournalTailOptions {
  /** The name under which its checkpoints are kept. */
  readonly consumer: string;
  readonly journal: ReadableJournal;
  /** The shards whose rows are this server's to take, right now. */
  readonly heldShards: () => readonly number[];
  readonly runtime: Runtime;
  /** From the end of one pass to the next. */
  readonly everyMs: number;
  /**
   * Deals with one row of a page; false keeps it, and all that came after it in its shard, for a later
   * pass. A row may come again after a crash, or when its shard has moved.
   */
  readonly take: (row: RecordedRow, page: readonly RecordedRow[]) => Promise<boolean>;
  /** A pass, or one row of it, failed; the next pass tries again. */
  readonly onFailed: (error: unknown) => void;
}

const SHARDS_AT_ONCE = 16;
const ROWS_PER_SHARD = 64;
// A checkpoint is a row written; after a crash as much is read again.
const SAVE_EVERY_MS = 30_000;

/**
 * Reads the rows of the shards held here in commit order, from where the last reader of that name ended,
 * whoever that was. The checkpoint passes a row only when it was taken.
 */
export class JournalTail {
  private readonly reached = new Map<number, number>();
  private readonly saved = new Map<number, number>();
  private savedAtMs = 0;
  private timer: Timer | undefined;
  private passing: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly options: JournalTailOptions) {}

  start(): void {
    const { runtime, everyMs } = this.options;
    if (this.stopped) return;
    const again = (): void => this.start();
    this.timer = runtime.timers.after(everyMs, () => void this.pass().then(again), { background: true });
  }

  /** Ends the pass that is under way, and saves how far it came. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    await this.passing;
    await this.save().catch(this.options.onFailed);
  }

  /** Takes all there is. */
  pass(): Promise<void> {
    this.passing ??= this.readHeld()
      .catch(this.options.onFailed)
      .finally(() => (this.passing = undefined));
    return this.passing;
  }

  private async readHeld(): Promise<void> {
    const { heldShards, journal, consumer, runtime } = this.options;
    const held = heldShards();
    // Another server may have brought a shard further before it moved here.
    for (const { shard, pos } of await journal.checkpoints(consumer)) {
      this.saved.set(shard, pos);
      this.reached.set(shard, Math.max(pos, this.reached.get(shard) ?? 0));
    }
    for (let first = 0; first < held.length && !this.stopped; first += SHARDS_AT_ONCE) {
      await this.readShards(held.slice(first, first + SHARDS_AT_ONCE));
    }
    if (runtime.clock.monotonicMs() - this.savedAtMs >= SAVE_EVERY_MS) await this.save();
  }

  private async readShards(shards: readonly number[]): Promise<void> {
    let unread = shards;
    while (unread.length > 0 && !this.stopped) {
      const positions = unread.map((shard) => ({ shard, pos: this.reached.get(shard) ?? 0 }));
      const rows = await this.options.journal.readAfter(positions, ROWS_PER_SHARD);
      const pages = new Map<number, RecordedRow[]>();
      for (const row of rows) pages.set(row.shard, [...(pages.get(row.shard) ?? []), row]);
      const full: number[] = [];
      // One page at a time: what is taken brings baskets to life, and others have to make room.
      for (const [shard, page] of pages) if (await this.takePage(shard, page)) full.push(shard);
      unread = full;
    }
  }

  /** True when there may be more to take. */
  private async takePage(shard: number, page: readonly RecordedRow[]): Promise<boolean> {
    const taken = await Promise.all(page.map((row) => this.take(row, page)));
    const kept = taken.indexOf(false);
    const last = page[(kept < 0 ? page.length : kept) - 1];
    if (last) this.reached.set(shard, last.pos);
    return kept < 0 && page.length === ROWS_PER_SHARD;
  }

  private async take(row: RecordedRow, page: readonly RecordedRow[]): Promise<boolean> {
    try {
      return await this.options.take(row, page);
    } catch (error) {
      this.options.onFailed(error);
      return false;
    }
  }

  private async save(): Promise<void> {
    const { journal, consumer, runtime } = this.options;
    const moved: ShardPosition[] = [...this.reached]
      .filter(([shard, pos]) => pos > (this.saved.get(shard) ?? 0))
      .map(([shard, pos]) => ({ shard, pos }));
    this.savedAtMs = runtime.clock.monotonicMs();
    if (moved.length === 0) return;
    await journal.saveCheckpoints(consumer, moved);
    for (const { shard, pos } of moved) this.saved.set(shard, pos);
  }
}

/** True when the actor of this row has done something since. */
export async function hasYounger(
  journal: ReadableJournal,
  row: RecordedRow,
  page: readonly RecordedRow[],
): Promise<boolean> {
  if (page.some(({ actor, seq }) => actor === row.actor && seq > row.seq)) return true;
  return (await journal.history(row, row.seq, 1)).length > 0;
}
