import { SHARDS, actorOf } from '@aisle/contracts';
import { eventsOf, type ActorHistory, type Journal, type RecordedRow } from '@aisle/journal';
import type { SampleBasket } from '@aisle/pricing/lifecycle';
import { emptyBasket, evolve, type Basket } from '../basket/basket.ts';
import { basketOf, eventOf, type StoredEvent } from '../basket/stored-event.ts';
import type { Market } from '../catalogue/catalogue.ts';

/** What of the journal this reads; every server may read every shard. */
export type ReadableJournal = Pick<Journal, 'readAfter' | 'loadAt'>;

interface Wanted {
  readonly tenant: string;
  readonly market: Pick<Market, 'id' | 'currency'>;
}

const SHARDS_AT_ONCE = 64;
const ROWS_PER_SHARD = 8;
const BASKETS_AT_ONCE = 32;
/** The first look back; each one after it goes twice as far. */
const LOOK_BACK = 2_048;
/** Rows read for one answer: in a market where little happens it is of fewer baskets. */
const ROWS_MAX = 20_000;
/** Lines priced for one answer, twice each. */
const LINES_MAX = 5_000;
const ALL_SHARDS: readonly number[] = Array.from({ length: SHARDS.basket }, (_, shard) => shard);

/**
 * Baskets as they were recorded, latest first. The journal is read forwards; where it ends is found by
 * doubling and halving, since positions come from one sequence, and from there each look goes further back.
 */
export class RecordedBaskets {
  /** There were rows up to here. */
  private reached = 0;

  constructor(private readonly journal: ReadableJournal) {}

  /** At most `count` baskets that hold something, those changed last, at the prices and dates recorded. */
  async latest(wanted: Wanted, count: number): Promise<SampleBasket[]> {
    const samples: SampleBasket[] = [];
    let linesLeft = LINES_MAX;
    for await (const basket of this.backwards(wanted)) {
      linesLeft -= basket.lines.size;
      if (linesLeft < 0) break;
      if (basket.lines.size > 0) samples.push(sampleOf(basket, wanted.market));
      if (samples.length === count) break;
    }
    return samples;
  }

  private async *backwards(wanted: Wanted): AsyncGenerator<Basket> {
    const seen = new Set<string>();
    let before = await this.end();
    let rowsLeft = ROWS_MAX;
    for (let back = LOOK_BACK; before > 0 && rowsLeft > 0; back *= 2) {
      const after = Math.max(0, before - back);
      const rows = await this.between(after, before, rowsLeft);
      rowsLeft -= rows.length;
      const candidates = latestOf(rows, wanted, seen);
      for (let first = 0; first < candidates.length; first += BASKETS_AT_ONCE) {
        yield* await this.baskets(candidates.slice(first, first + BASKETS_AT_ONCE));
      }
      before = after;
    }
  }

  /** A position after which there was nothing, not far from the last row. */
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

  private async baskets(rows: readonly RecordedRow[]): Promise<Basket[]> {
    return (await Promise.all(rows.map((row) => this.journal.loadAt(row, row.seq)))).map(basketAfter);
  }
}

/** The shards of which a page shows as many rows as it may, each with its last position. */
function fullOnes(page: readonly RecordedRow[]): { shard: number; pos: number }[] {
  const counts = new Map<number, { rows: number; pos: number }>();
  for (const { shard, pos } of page) counts.set(shard, { rows: (counts.get(shard)?.rows ?? 0) + 1, pos });
  return [...counts].flatMap(([shard, { rows, pos }]) => (rows === ROWS_PER_SHARD ? [{ shard, pos }] : []));
}

/** The last row of each basket of the market that was not seen before, latest first. */
function latestOf(rows: readonly RecordedRow[], { tenant, market }: Wanted, seen: Set<string>): RecordedRow[] {
  return [...rows].sort((a, b) => b.pos - a.pos).filter(({ actor }) => {
    if (seen.has(actor)) return false;
    seen.add(actor);
    const of = actorOf(actor);
    return of.tenant === tenant && of.market === market.id;
  });
}

function basketAfter({ snapshot, rows }: ActorHistory): Basket {
  const saved = snapshot
    ? basketOf(JSON.parse(Buffer.from(snapshot.state).toString()), snapshot.schemaVersion)
    : emptyBasket;
  return rows.flatMap((row) => eventsOf<StoredEvent>(row)).reduce((basket, stored) => evolve(basket, eventOf(stored)), saved);
}

function sampleOf({ lines, updatedAtMs }: Basket, { id, currency }: Wanted['market']): SampleBasket {
  const items = [...lines.values()].map(({ sku, quantity, unitPriceMinor, category }) =>
    ({ sku, quantity, unitPriceMinor, ...(category === undefined ? {} : { category }) }));
  return { items, coupons: [], context: { now: new Date(updatedAtMs).toISOString(), market: id, currency } };
}
