import { actorOf } from '@aisle/contracts';
import { hasYounger, type ReadableJournal, type RecordedRow, type TailConsumer } from '@aisle/journal';
import type { Runtime } from '@aisle/std';
import { eventIn } from '../basket/recorded-event.ts';
import type { Merger } from './merger.ts';

/** The parts that `Merges` uses. */
export interface MergesOptions {
  readonly journal: Pick<ReadableJournal, 'history'>;
  readonly merger: Pick<Merger, 'merge'>;
  readonly runtime: Runtime;
}

/** A younger merge is left to its own caller. */
const CALLER_TIME_MS = 2_000;
const DEADLINE_MS = 5_000;

/**
 * Finishes merges that a crash or an impatient caller has interrupted. It finds this server's sealed baskets in the
 * journal, and repeats their merges.
 */
export class Merges implements TailConsumer {
  readonly consumer = 'merges';

  constructor(private readonly options: MergesOptions) {}

  async take(row: RecordedRow, page: readonly RecordedRow[]): Promise<boolean> {
    const sealed = eventIn(row, 'sealed');
    // A sealed basket accepts only the end of its merge, so any younger row is that end.
    if (!sealed || (await hasYounger(this.options.journal, row, page))) return true;
    const { merger, runtime, journal } = this.options;
    const nowMs = runtime.clock.nowMs();
    if (row.atMs > nowMs - CALLER_TIME_MS) return false;

    const { tenant, market, id: basket } = actorOf(row.actor);
    const guest = { tenant, market, basket, shard: row.shard };
    try {
      await merger.merge(guest, sealed.event.merge, { by: sealed.by, deadlineMs: nowMs + DEADLINE_MS, traceparent: '' });
      return true;
    } catch (failure) {
      if (await hasYounger(journal, row, page)) return true;
      throw failure;
    }
  }
}
