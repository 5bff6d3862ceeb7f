import { SHARDS, actorOf } from '@aisle/contracts';
import { eventsOf, type Journal, type RecordedRow } from '@aisle/journal';
import type { SampleBasket } from '@aisle/pricing/lifecycle';
import { eventOf, isChange, typeOf, type StoredEvent } from '../basket/stored-event.ts';
import type { BasketEvent } from '../basket/basket-event.ts';
import type { Market } from '../catalogue/catalogue.ts';
import { soldBasket } from '../pricing/sold-basket.ts';

/** The reads of the journal that are needed here; every server may read every shard. */
export type ReadableJournal = Pick<Journal, 'readAfter'>;

interface Wanted {
  readonly tenant: string;
  readonly market: Pick<Market, 'id' | 'currency' | 'rounding' | 'terms'>;
}

const SHARDS_AT_ONCE = 64;
const ROWS_PER_SHARD = 8;
/** The number of positions in the first search backwards; each further one is twice as long. */
const LOOK_BACK = 2_048;
/** Rows read for one answer; a market with few sales gets fewer baskets. */
const ROWS_MAX = 20_000;
/** Lines priced for one answer, twice each. */
const LINES_MAX = 5_000;
const OF_ORDERS: ReadonlySet<BasketEvent['type']> = new Set(['checkedOut', 'restored']);
const ALL_SHARDS: readonly number[] = Array.from({ length: SHARDS.basket }, (_, shard) => shard);

/**
 * Sold baskets from the journal, latest first: the lines of each checkout, once. Open and abandoned baskets are not sales, nor
 * are checkouts whose order was rejected. The journal can only be read forwards. Its end is found by doubling and halving,
 * since positions come from one sequence, and from there each search goes further back.
 */
export class RecordedBaskets {
  /** A position that the journal is known to have reached. */
  private reached = 0;

  constructor(private readonly journal: ReadableJournal) {}

  /** At most `count` sold baskets, those checked out last, at the prices and instants recorded. */
  async latest(wanted: Wanted, count: number): Promise<SampleBasket[]> {
    const samples: SampleBasket[] = [];
    let linesLeft = LINES_MAX;
    for await (const sold of this.backwards(wanted)) {
      linesLeft -= sold.items.length;
      if (linesLeft < 0) break;
      samples.push(sold);
      if (samples.length === count) break;
    }
    return samples;
  }

  private async *backwards(wanted: Wanted): AsyncGenerator<SampleBasket> {
    let before = await this.end();
    let rowsLeft = ROWS_MAX;
    const returned = new Set<string>();
    for (let back = LOOK_BACK; before > 0 && rowsLeft > 0; back *= 2) {
      const after = Math.max(0, before - back);
      const rows = await this.between(after, before, rowsLeft);
      rowsLeft -= rows.length;
      for (const row of rows.sort((a, b) => b.pos - a.pos)) yield* soldIn(row, wanted, returned);
      before = after;
    }
  }

  /** A position after the last row, at most `LOOK_BACK / 2` positions away from a row. */
  private async end(): Promise<number> {
    let low = this.reached;
    let step = LOOK_BACK;
    for (let furthest: number | undefined; (furthest = await this.furthestAfter(low + step)) !== undefined; step *= 2) {
      low = furthest;
    }
    let high = low + step;
    while (high - low > LOOK_BACK / 2) {
      const middle = Math.floor((low + high) / 2);
      const furthest = await this.furthestAfter(middle);
      if (furthest === undefined) high = middle;
      else low = Math.min(furthest, high);
    }
    this.reached = low;
    return high;
  }

  private async furthestAfter(pos: number): Promise<number | undefined> {
    const rows = await this.journal.readAfter(ALL_SHARDS.map((shard) => ({ shard, pos })), 1);
    return rows.length === 0 ? undefined : Math.max(...rows.map((row) => row.pos));
  }

  /** The rows above `after`, up to `upTo`, page by page. */
  private async between(after: number, upTo: number, rowsMax: number): Promise<RecordedRow[]> {
    const found: RecordedRow[] = [];
    for (let first = 0; first < ALL_SHARDS.length; first += SHARDS_AT_ONCE) {
      let unread = ALL_SHARDS.slice(first, first + SHARDS_AT_ONCE).map((shard) => ({ shard, pos: after }));
      while (unread.length > 0 && found.length < rowsMax) {
        const page = await this.journal.readAfter(unread, ROWS_PER_SHARD);
        for (const row of page) if (row.pos <= upTo) found.push(row);
        unread = fullOnes(page).filter(({ pos }) => pos < upTo);
      }
    }
    return found;
  }
}

/** The shards that filled their part of a page, each with its last position. They may have more rows. */
function fullOnes(page: readonly RecordedRow[]): { shard: number; pos: number }[] {
  const counts = new Map<number, { rows: number; pos: number }>();
  for (const { shard, pos } of page) counts.set(shard, { rows: (counts.get(shard)?.rows ?? 0) + 1, pos });
  return [...counts].flatMap(([shard, { rows, pos }]) => (rows === ROWS_PER_SHARD ? [{ shard, pos }] : []));
}

/**
 * The market's sales in one row. `returned` collects the orders whose lines were put back. That event follows the checkout,
 * so a backwards search reads it first. Most rows are changes, and are not parsed.
 */
function soldIn(row: RecordedRow, { tenant, market }: Wanted, returned: Set<string>): SampleBasket[] {
  if (isChange(row)) return [];
  const of = actorOf(row.actor);
  if (of.tenant !== tenant || of.market !== market.id) return [];
  return eventsOf<StoredEvent>(row).filter((stored) => OF_ORDERS.has(typeOf(stored))).flatMap((stored) => {
    const event = eventOf(stored);
    if (event.type === 'restored') returned.add(event.orderId);
    return event.type === 'checkedOut' && !returned.has(event.orderId) ? [soldBasket(event.change, market, of.id)] : [];
  });
}
