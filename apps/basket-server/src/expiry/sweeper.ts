import { createHash } from 'node:crypto';
import { actorOf } from '@aisle/contracts';
import { JournalTail, eventsOf, hasYounger, type ReadableJournal, type RecordedRow } from '@aisle/journal';
import { isFailure, type Runtime } from '@aisle/std';
import type { Baskets } from '../basket/baskets.ts';
import { isChange, typeOf, type StoredEvent } from '../basket/stored-event.ts';
import type { Prices } from '../pricing/prices.ts';

/** The parts that a sweeper uses. */
export interface SweeperOptions {
  readonly journal: ReadableJournal;
  /** The shards that this server owns at present. */
  readonly heldShards: () => readonly number[];
  readonly baskets: Pick<Baskets, 'change'>;
  readonly prices: Prices;
  readonly runtime: Runtime;
  /** The time without a change after which a basket is abandoned. */
  readonly abandonedAfterMs: number;
  readonly onFailed: (error: unknown) => void;
}

const EVERY_MIN_MS = 500;
const EVERY_MAX_MS = 60_000;

/**
 * Empties the abandoned baskets of this server. Adds cost nothing for it: the journal is read in commit order, one expiry
 * period behind. It shows when each basket changed, and whether a later change exists.
 */
export class Sweeper {
  private readonly tail: JournalTail;
  /** By shard, the time at which its next row is old enough. Before it the shard is not read. */
  private readonly dueAtMs = new Map<number, number>();

  constructor(private readonly options: SweeperOptions) {
    const { journal, runtime, abandonedAfterMs, onFailed } = options;
    const everyMs = Math.min(EVERY_MAX_MS, Math.max(EVERY_MIN_MS, abandonedAfterMs / 20));
    const take = (row: RecordedRow, page: readonly RecordedRow[]): Promise<boolean> => this.take(row, page);
    const heldShards = (): readonly number[] => this.dueShards();
    const consumers = [{ consumer: 'expiry', take }];
    this.tail = new JournalTail({ consumers, everyMs, journal, heldShards, runtime, onFailed });
  }

  start(): void {
    this.tail.start();
  }

  stop(): Promise<void> {
    return this.tail.stop();
  }

  /** Reads once, and expires the abandoned baskets that it finds. */
  pass(): Promise<void> {
    return this.tail.pass();
  }

  private dueShards(): readonly number[] {
    const nowMs = this.options.runtime.clock.nowMs();
    return this.options.heldShards().filter((shard) => (this.dueAtMs.get(shard) ?? 0) <= nowMs);
  }

  private async take(row: RecordedRow, page: readonly RecordedRow[]): Promise<boolean> {
    const { journal, runtime, abandonedAfterMs } = this.options;
    const oldAtMs = row.atMs + abandonedAfterMs;
    if (oldAtMs > runtime.clock.nowMs()) {
      this.dueAtMs.set(row.shard, Math.min(oldAtMs, this.dueAtMs.get(row.shard) ?? Infinity));
      return false;
    }
    this.dueAtMs.delete(row.shard);
    try {
      if (!leavesNothing(row) && !(await hasYounger(journal, row, page))) await this.expire(row);
      return true;
    } catch (failure) {
      // The next pass must read this row again, whatever younger rows of the page have set.
      this.dueAtMs.set(row.shard, 0);
      throw failure;
    }
  }

  private async expire({ shard, actor, seq }: RecordedRow): Promise<void> {
    const { baskets, prices } = this.options;
    const { tenant, market, id: basket } = actorOf(actor);
    try {
      const pricer = prices.at({ tenant, market });
      // `ifMatch` lets a change win that comes after the read of the journal.
      await baskets.change(
        { tenant, market, basket, shard },
        { id: expiryId(actor, seq), operations: [], opens: false, ifMatch: seq, pricer, step: { kind: 'expire' } },
      );
    } catch (failure) {
      // These kinds mean that the basket is in use again, or empty. Other failures are retried.
      const refused = isFailure(failure) && ['precondition', 'conflict', 'missing'].includes(failure.kind);
      if (!refused) throw failure;
    }
  }
}

/** Whether the basket has no lines after this row, or is in a merge. */
function leavesNothing(row: RecordedRow): boolean {
  if (isChange(row)) return false;
  return eventsOf<StoredEvent>(row).some((stored) => ['expired', 'merged', 'sealed', 'checkedOut'].includes(typeOf(stored)));
}

function expiryId(actor: string, seq: number): string {
  return `expire-${createHash('sha256').update(JSON.stringify([actor, seq])).digest('base64url')}`;
}
