import type { RecordedRow } from '../journal-storage.ts';

interface Stuck {
  readonly row: RecordedRow;
  tries: number;
  /** Rounds until the next attempt. */
  left: number;
}

const STUCK_MAX = 64;
const ROUNDS_MAX = 256;

/** Rows that are each tried again after 1, 2, 4 … rounds, up to 256. Their number per shard is bounded. */
export class StuckRows {
  private readonly shards = new Map<number, Map<number, Stuck>>();

  has({ shard, pos }: RecordedRow): boolean {
    return this.shards.get(shard)?.has(pos) === true;
  }

  /** Postpones a row, perhaps once more. Returns false if the shard has no room for another one. */
  add(row: RecordedRow): boolean {
    const rows = this.shards.get(row.shard) ?? new Map<number, Stuck>();
    this.shards.set(row.shard, rows);
    const stuck = rows.get(row.pos) ?? { row, tries: 0, left: 0 };
    if (stuck.tries === 0 && rows.size >= STUCK_MAX) return false;
    stuck.left = Math.min(ROUNDS_MAX, 2 ** stuck.tries);
    stuck.tries += 1;
    rows.set(row.pos, stuck);
    return true;
  }

  delete({ shard, pos }: RecordedRow): void {
    this.shards.get(shard)?.delete(pos);
  }

  /** Forgets rows up to a position, because another node has handled them. */
  forget(shard: number, upTo: number): void {
    for (const pos of this.shards.get(shard)?.keys() ?? []) if (pos <= upTo) this.shards.get(shard)?.delete(pos);
  }

  /** The position of the first stuck row of a shard; infinite if there is none. */
  oldestIn(shard: number): number {
    return Math.min(Infinity, ...(this.shards.get(shard)?.keys() ?? []));
  }

  /** One round: the rows of these shards whose attempt is due. */
  due(shards: readonly number[]): RecordedRow[] {
    const all = shards.flatMap((shard) => [...(this.shards.get(shard)?.values() ?? [])]);
    for (const stuck of all) stuck.left -= 1;
    return all.filter(({ left }) => left <= 0).map(({ row }) => row);
  }
}
