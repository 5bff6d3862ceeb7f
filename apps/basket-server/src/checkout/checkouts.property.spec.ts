import fc from 'fast-check';
import type { PlaceOrder } from '@aisle/contracts';
import { eventsOf } from '@aisle/journal';
import { MemoryJournal } from '@aisle/journal/testing';
import { systemRuntime } from '@aisle/std';
import { eventOf, type StoredEvent } from '../basket/stored-event.ts';
import { BareBaskets, addressed, aheadOf } from '../testing/bare-baskets.ts';
import { Checkouts } from './checkouts.ts';
import { PlacedOrderIds } from './placed-order-ids.ts';
import type { OrderPlacer } from './order-placer.ts';
import { UnplacedCheckouts } from './unplaced-checkouts.ts';

const SKUS = ['GR1', 'SR1', 'CF1'] as const;

/** An incident of a basket, of its servers, or of their requests to orders. */
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({
    does: fc.constant('add' as const), sku: fc.constantFrom(...SKUS), quantity: fc.integer({ min: 1, max: 3 }),
  }) },
  { weight: 4, arbitrary: fc.record({
    does: fc.constant('check out' as const),
    id: fc.constantFrom('c-1', 'c-2', 'c-3'),
    ends: fc.constantFrom('with an answer', 'before orders gets the request', 'before the answer of orders arrives'),
  }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('late copy' as const), of: fc.nat(9) }) },
  fc.constantFrom({ does: 'move' as const }, { does: 'pass' as const }),
);
type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never;

describe('a checkout', () => {
  it('puts each unit into one order or leaves it in the basket, whatever crashes or comes twice or late', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 14 }), async (story) => {
        const world = new World();
        for (const each of story) await world.let(each);
        const { added, ordered, left, journalled, totals } = await world.end();

        for (const sku of SKUS) expect((ordered[sku] ?? 0) + (left[sku] ?? 0)).toBe(added[sku] ?? 0);
        expect(world.taken).toEqual(journalled);
        expect(totals).toEqual([...world.taken.values()].map(({ total }) => total.amount));
      }),
      { numRuns: 200 },
    );
  });
});

/** A basket, its successive servers, and the app orders. */
class World {
  readonly taken = new Map<string, PlaceOrder>();
  private readonly runtime = aheadOf(systemRuntime);
  private readonly memory = new MemoryJournal(this.runtime);
  private readonly sent: Parameters<OrderPlacer>[] = [];
  private readonly added: Record<string, number> = {};
  private servers = 0;
  private baskets = this.nextServer();
  private placed = new PlacedOrderIds();

  async let(happening: Happening): Promise<void> {
    switch (happening.does) {
      case 'add': {
        const { sku, quantity } = happening;
        await this.baskets.apply('anna', [{ op: 'add', sku, quantity }]);
        this.added[sku] = (this.added[sku] ?? 0) + quantity;
        return;
      }
      case 'check out':
        return this.checkOut(happening.id, happening.ends);
      case 'late copy': {
        const copy = this.sent[happening.of];
        if (copy) this.take(copy);
        return;
      }
      case 'move':
        this.baskets = this.nextServer();
        this.placed = new PlacedOrderIds();
        return;
      case 'pass':
        return this.pass();
    }
  }

  async end() {
    this.baskets = this.nextServer();
    this.placed = new PlacedOrderIds();
    this.runtime.clock.aheadMs = 60_000;
    await this.pass();
    const rows = await this.baskets.journal.readAfter([{ shard: 7, pos: 0 }], 1_000);
    const checkouts = rows.flatMap((row) => eventsOf<StoredEvent>(row)).map(eventOf)
      .flatMap((event) => (event.type === 'checkedOut' ? [event] : []));
    const ordered: Record<string, number> = {};
    for (const { lines } of this.taken.values()) {
      for (const { sku, quantity } of lines) ordered[sku] = (ordered[sku] ?? 0) + quantity;
    }
    return {
      added: this.added,
      ordered,
      left: rows.length === 0 ? {} : await this.baskets.quantities('anna'),
      journalled: new Map(checkouts.map(({ orderId }) => [orderId, this.taken.get(orderId)])),
      totals: [...this.taken.keys()].map((id) => checkouts.find(({ orderId }) => orderId === id)?.change.totalMinor),
    };
  }

  private async checkOut(id: string, ends: string): Promise<void> {
    const { baskets, placed, runtime } = this;
    const place: OrderPlacer = async (...request) => {
      if (ends === 'before orders gets the request') throw new Error('crashed');
      this.sent.push(request);
      this.take(request);
      if (ends === 'before the answer of orders arrives') throw new Error('crashed');
      return { outcome: 'placed' };
    };
    const checkouts = new Checkouts({ baskets, prices: baskets.prices, place, placed, runtime });
    const call = { id, deadlineMs: Infinity, traceparent: '' };
    // The outcome may be a refusal, a crash or an answer; the law is only about the units.
    await checkouts.checkOut(addressed('anna'), call).catch(() => undefined);
  }

  private async pass(): Promise<void> {
    const failed: unknown[] = [];
    const place: OrderPlacer = async (...request) => {
      this.take(request);
      return { outcome: 'placed' };
    };
    const unplaced = new UnplacedCheckouts({
      place, placed: this.placed, prices: this.baskets.prices, runtime: this.runtime,
      onRefused: (_orderId, failure) => void failed.push(failure),
    });
    await this.baskets.tailFor(unplaced, failed).pass();
    expect(failed).toEqual([]);
  }

  private take([{ orderId }, order]: Parameters<OrderPlacer>): void {
    expect(this.taken.get(orderId) ?? order).toEqual(order);
    this.taken.set(orderId, order);
  }

  private nextServer(): BareBaskets {
    this.servers += 1;
    return new BareBaskets(this.memory, `node-${this.servers}`, this.runtime);
  }
}
