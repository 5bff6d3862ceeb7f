import { isFailure } from '@aisle/std';
import type { RecordedRow } from '../journal-storage.ts';
import { StuckRows } from './stuck-rows.ts';
import type { ReadableJournal, TailConsumer } from './tail-consumer.ts';

const IN_TIME: ReadonlySet<string> = new Set(['unavailable', 'unknown', 'throttled']);

/** One consumer's position in each shard, in memory and in the database. */
export class TailPosition {
  private readonly reached = new Map<number, number>();
  private readonly saved = new Map<number, number>();
  /** Rows at which the consumer has a bug. They are passed over and tried again separately. */
  private readonly stuck = new StuckRows();

  constructor(
    private readonly tail: TailConsumer,
    private readonly options: {
      readonly journal: ReadableJournal;
      readonly onFailed: (error: unknown) => void;
    },
  ) {}

  reachedIn(shard: number): number {
    return this.reached.get(shard) ?? 0;
  }

  /** Reads the stored positions, because the node that had a shard before may have read further. */
  async catchUp(): Promise<void> {
    for (const { shard, pos } of await this.options.journal.checkpoints(this.tail.consumer)) {
      this.saved.set(shard, pos);
      this.reached.set(shard, Math.max(pos, this.reachedIn(shard)));
      this.stuck.forget(shard, pos);
    }
  }

  /** Tries the stuck rows of these shards whose attempt is due. */
  async retryStuck(shards: readonly number[]): Promise<void> {
    for (const row of this.stuck.due(shards)) await this.take(row, []);
  }

  /** Takes the unseen rows of a shard. Returns false if it keeps one for a later pass. */
  async takePage(page: readonly RecordedRow[]): Promise<boolean> {
    const [first] = page;
    if (!first) return true;
    const unseen = page.filter(({ pos }) => pos > this.reachedIn(first.shard));
    const taken = await Promise.all(unseen.map(async (row) => this.stuck.has(row) || (await this.take(row, page))));
    const kept = taken.indexOf(false);
    const last = unseen[(kept < 0 ? unseen.length : kept) - 1];
    if (last) this.reached.set(last.shard, last.pos);
    return kept < 0;
  }

  async save(): Promise<void> {
    const moved = [...this.reached]
      .map(([shard, pos]) => ({ shard, pos: Math.min(pos, this.stuck.oldestIn(shard) - 1) }))
      .filter(({ shard, pos }) => pos > (this.saved.get(shard) ?? 0));
    if (moved.length === 0) return;
    await this.options.journal.saveCheckpoints(this.tail.consumer, moved);
    for (const { shard, pos } of moved) this.saved.set(shard, pos);
  }

  private async take(row: RecordedRow, page: readonly RecordedRow[]): Promise<boolean> {
    try {
      const isTaken = await this.tail.take(row, page);
      if (isTaken) this.stuck.delete(row);
      return isTaken;
    } catch (error) {
      this.options.onFailed(error);
      // A temporary failure mostly concerns other rows as well, so the shard waits for it.
      return !(isFailure(error) && IN_TIME.has(error.kind)) && this.stuck.add(row);
    }
  }
}
