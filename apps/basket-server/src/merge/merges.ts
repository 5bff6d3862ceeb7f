import { actorOf } from '@aisle/contracts';
import { eventsOf, type RecordedRow } from '@aisle/journal';
import type { Runtime } from '@aisle/std';
import type { BasketSealed } from '../basket/basket.ts';
import { eventOf, typeOf, type StoredEvent } from '../basket/stored-event.ts';
import { JournalTail, hasYounger, type ReadableJournal } from '../tail/journal-tail.ts';
import type { Merger } from './merger.ts';

export interface MergesOptions {
  readonly journal: ReadableJournal;
  /** The shards that this server owns, right now. */
  readonly heldShards: () => readonly number[];
  readonly merger: Pick<Merger, 'merge'>;
  readonly runtime: Runtime;
  readonly onFailed: (error: unknown) => void;
}

const EVERY_MS = 2_000;
/** Until then whoever asked for the merge is at it. */
const OWN_TIME_MS = 2_000;
const DEADLINE_MS = 5_000;

/**
 * Finishes what was begun: finds in the journal the baskets of this server that were sealed and neither
 * closed nor unsealed, because somebody crashed or gave up in between, and drives their merges on.
 */
export class Merges {
  private readonly tail: JournalTail;

  constructor(private readonly options: MergesOptions) {
    const { journal, heldShards, runtime, onFailed } = options;
    const take = (row: RecordedRow, page: readonly RecordedRow[]): Promise<boolean> => this.take(row, page);
    this.tail = new JournalTail({
      consumer: 'merges', everyMs: EVERY_MS, journal, heldShards, runtime, take, onFailed,
    });
  }

  start(): void {
    this.tail.start();
  }

  stop(): Promise<void> {
    return this.tail.stop();
  }

  /** Looks once, and finishes what it finds. */
  pass(): Promise<void> {
    return this.tail.pass();
  }

  private async take(row: RecordedRow, page: readonly RecordedRow[]): Promise<boolean> {
    const sealed = sealedIn(row);
    // What follows on a seal is its end: until then the basket takes nothing else.
    if (!sealed || (await hasYounger(this.options.journal, row, page))) return true;
    const { merger, runtime, journal, onFailed } = this.options;
    const nowMs = runtime.clock.nowMs();
    if (row.atMs > nowMs - OWN_TIME_MS) return false;

    const { tenant, market, id: basket } = actorOf(row.actor);
    const guest = { tenant, market, basket, shard: row.shard };
    try {
      await merger.merge(guest, sealed.merge, { deadlineMs: nowMs + DEADLINE_MS, traceparent: '' });
      return true;
    } catch (failure) {
      if (await hasYounger(journal, row, page)) return true;
      onFailed(failure);
      return false;
    }
  }
}

function sealedIn(row: RecordedRow): BasketSealed | undefined {
  const [stored] = eventsOf<StoredEvent>(row);
  return stored && typeOf(stored) === 'sealed' ? (eventOf(stored) as BasketSealed) : undefined;
}
