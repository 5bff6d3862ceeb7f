import fc from 'fast-check';
import { eventsOf } from '@aisle/journal';
import { MemoryJournal } from '@aisle/journal/testing';
import { systemRuntime } from '@aisle/std';
import { typeOf, type StoredEvent } from '../basket/stored-event.ts';
import { BareBaskets, addressed, aheadOf } from '../testing/bare-baskets.ts';
import { Merger, type Absorb } from './merger.ts';
import { Merges } from './merges.ts';

const CALL = { deadlineMs: Infinity, traceparent: '' };
const LINES = { GR1: 3, CF1: 1 };

/** An incident of a merge on two successive servers. */
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({
    does: fc.constant('merge' as const),
    id: fc.constantFrom('m-1', 'm-2'),
    crashesAfter: fc.constantFrom('seal', 'absorb', 'close', 'unseal', undefined),
  }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('late copy' as const), of: fc.nat(9) }) },
  fc.constantFrom({ does: 'fill the user' as const }, { does: 'clear the user' as const }, { does: 'move' as const }),
);
type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never;

describe('a merge', () => {
  it('takes the lines once or not at all, whatever crashes or comes twice or late', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 12 }), async (story) => {
        const world = new World();
        await world.begin();
        for (const each of story) await world.let(each);
        const { taken, closed, guest } = await world.end();

        expect(taken).toBe(closed);
        expect(closed).toBeLessThanOrEqual(1);
        expect(guest).toEqual(closed === 1 ? {} : LINES);
      }),
      { numRuns: 200 },
    );
  });
});

/** The baskets of a guest and a user, on a server that may crash at any step of a merge. */
class World {
  private readonly memory = new MemoryJournal(systemRuntime);
  private readonly runtime = aheadOf(systemRuntime);
  private readonly sent: Parameters<Absorb>[] = [];
  private servers = 0;
  private baskets = this.nextServer();

  async begin(): Promise<void> {
    await this.baskets.apply('guest', Object.entries(LINES).map(([sku, quantity]) => ({ op: 'set', sku, quantity })));
  }

  async let(happening: Happening): Promise<void> {
    switch (happening.does) {
      case 'merge':
        return this.merge(happening.id, happening.crashesAfter);
      case 'late copy': {
        const copy = this.sent[happening.of];
        // Its caller has given up, so its answer is ignored.
        if (copy) await this.baskets.absorb(...copy).catch(() => undefined);
        return;
      }
      case 'fill the user':
        return void (await this.baskets.apply('user', [{ op: 'set', sku: 'GR1', quantity: 99_999 }]));
      case 'clear the user':
        return void (await this.baskets.apply('user', [{ op: 'set', sku: 'GR1', quantity: 0 }]));
      case 'move':
        this.baskets = this.nextServer();
    }
  }

  /** The final state, after all merges are finished. */
  async end(): Promise<{ taken: number; closed: number; guest: Record<string, number> }> {
    this.baskets = this.nextServer();
    this.runtime.clock.aheadMs = 60_000;
    const merger = new Merger({ baskets: this.baskets, prices: this.baskets.prices, absorb: this.baskets.absorb });
    const failed: unknown[] = [];
    const { journal } = this.baskets;
    const merges = new Merges({ journal, merger, runtime: this.runtime });
    await this.baskets.tailFor(merges, failed).pass();
    for (const copy of this.sent) await this.baskets.absorb(...copy).catch(() => undefined);
    const rows = await journal.readAfter([{ shard: 7, pos: 0 }], 1_000);
    const types = rows.flatMap((row) => eventsOf<StoredEvent>(row).map(typeOf));
    const count = (wanted: string): number => types.filter((type) => type === wanted).length;

    expect(failed).toEqual([]);
    return { taken: count('absorbed'), closed: count('merged'), guest: await this.baskets.quantities('guest') };
  }

  private async merge(mergeId: string, crashesAfter: string | undefined): Promise<void> {
    const { baskets, sent } = this;
    const maybeCrash = (step: string | undefined): void => {
      if (step !== undefined && step === crashesAfter) throw new Error('crashed');
    };
    const merger = new Merger({
      prices: baskets.prices,
      absorb: async (...request) => {
        sent.push(request);
        const reply = await baskets.absorb(...request);
        maybeCrash('absorb');
        return reply;
      },
      baskets: {
        change: async (address, command) => {
          const reply = await baskets.change(address, command);
          maybeCrash(command.step?.kind);
          return reply;
        },
      },
    });
    // A merge may be refused, be declined or crash. The final check shows its effect.
    await merger.merge(addressed('guest'), { mergeId, into: 'user', mode: 'sum' }, CALL).catch(() => undefined);
  }

  private nextServer(): BareBaskets {
    this.servers += 1;
    return new BareBaskets(this.memory, `node-${this.servers}`, this.runtime);
  }
}
