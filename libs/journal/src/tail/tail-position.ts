import type { RecordedRow } from '../journal-storage.ts';
import type { ReadableJournal, TailConsumer } from './tail-consumer.ts';

/** How far one consumer has come in each shard, in memory and in the database. */
export class TailPosition {
  private readonly reached = new Map<number, number>();
  private readonly saved = new Map<number, number>();

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

  /** Another node may have brought a shard further before it moved here. */
  async catchUp(): Promise<void> {
    for (const { shard, pos } of await this.options.journal.checkpoints(this.tail.consumer)) {
      this.saved.set(shard, pos);
      this.reached.set(shard, Math.max(pos, this.reachedIn(shard)));
    }
  }

  /** Takes what it has not seen of a shard's rows; false when it keeps one of them for a later pass. */
  async takePage(page: readonly RecordedRow[]): Promise<boolean> {
    const [first] = page;
    if (!first) return true;
    const unseen = page.filter(({ pos }) => pos > this.reachedIn(first.shard));
    const taken = await Promise.all(unseen.map((row) => this.take(row, page)));
    const kept = taken.indexOf(false);
    const last = unseen[(kept < 0 ? unseen.length : kept) - 1];
    if (last) this.reached.set(last.shard, last.pos);
    return kept < 0;
  }

  async save(): Promise<void> {
    const moved = [...this.reached]
      .filter(([shard, pos]) => pos > (this.saved.get(shard) ?? 0))
      .map(([shard, pos]) => ({ shard, pos }));
    if (moved.length === 0) return;
    await this.options.journal.saveCheckpoints(this.tail.consumer, moved);
    for (const { shard, pos } of moved) this.saved.set(shard, pos);
  }

  private async take(row: RecordedRow, page: readonly RecordedRow[]): Promise<boolean> {
    try {
      return await this.tail.take(row, page);
    } catch (error) {
      this.options.onFailed(error);
      return false;
    }
  }
}
