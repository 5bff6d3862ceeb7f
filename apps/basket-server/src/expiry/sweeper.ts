import { createHash } from 'node:crypto';
import { actorOf } from '@aisle/contracts';
import { JournalTail, eventsOf, hasYounger, type ReadableJournal, type RecordedRow } from '@aisle/journal';
import { isFailure, type Runtime } from '@aisle/std';
import type { Baskets } from '../basket/baskets.ts';
import { isChange, typeOf, type StoredEvent } from '../basket/stored-event.ts';
import type { Prices } from '../pricing/prices.ts';

export interface SweeperOptions {
  readonly journal: ReadableJournal;
  /** The shards that this server owns, right now. */
  readonly heldShards: () => readonly number[];
  readonly baskets: Pick<Baskets, 'change'>;
  readonly prices: Prices;
  readonly runtime: Runtime;
  /** A basket that nobody changed for so long is abandoned. */
  readonly abandonedAfterMs: number;
  readonly onFailed: (error: unknown) => void;
}

const EVERY_MIN_MS = 500;
const EVERY_MAX_MS = 60_000;

/**
 * Empties the baskets of this server that were abandoned. An add costs nothing for it: the journal, read
 * in commit order and far behind, tells which basket was changed when, and whether anything came since.
 */
export class Sweeper {
  private readonly tail: JournalTail;
  /** When the next row of a shard grows old enough; before that there is nothing to read. */
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

  /** Looks once, and expires what it finds abandoned. */
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
      // Whatever is young in this page, the next pass has to come back for this row.
      this.dueAtMs.set(row.shard, 0);
      throw failure;
    }
  }

  private async expire({ shard, actor, seq }: RecordedRow): Promise<void> {
    const { baskets, prices } = this.options;
    const { tenant, market, id: basket } = actorOf(actor);
    try {
      const pricer = prices.at({ tenant, market });
      // Only at the version that the journal showed: a change that comes in between wins.
      await baskets.change(
        { tenant, market, basket, shard },
        { id: expiryId(actor, seq), operations: [], opens: false, ifMatch: seq, pricer, step: { kind: 'expire' } },
      );
    } catch (failure) {
      // Refused: it is in use again, or there is nothing in it. Anything else is tried again.
      const refused = isFailure(failure) && ['precondition', 'conflict', 'missing'].includes(failure.kind);
      if (!refused) throw failure;
    }
  }
}

/** After these a basket has no lines, or is a merge's to deal with. */
function leavesNothing(row: RecordedRow): boolean {
  if (isChange(row)) return false;
  return eventsOf<StoredEvent>(row).some((stored) => ['expired', 'merged', 'sealed', 'checkedOut'].includes(typeOf(stored)));
}

function expiryId(actor: string, seq: number): string {
  return `expire-${createHash('sha256').update(JSON.stringify([actor, seq])).digest('base64url')}`;
}
