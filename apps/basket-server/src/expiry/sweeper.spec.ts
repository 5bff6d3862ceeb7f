import type { Operation } from '@aisle/contracts';
import { MemoryJournal } from '@aisle/journal/testing';
import { systemRuntime } from '@aisle/std';
import { BareBaskets, aheadOf, quantitiesIn } from '../testing/bare-baskets.ts';
import { Sweeper, type SweeperOptions } from './sweeper.ts';

const ABANDONED_AFTER_MS = 60_000;

describe('Sweeper', () => {
  it('empties an abandoned basket', async () => {
    const { baskets, sweeper, clock } = shop();
    await baskets.apply('anna', [add('GR1', 2)]);

    await sweeper.pass();
    expect(await baskets.quantities('anna')).toEqual({ GR1: 2 });
    clock.aheadMs = ABANDONED_AFTER_MS;
    await sweeper.pass();

    expect(await baskets.state('anna')).toMatchObject({ standing: { is: 'expired' }, version: 2, totalMinor: 0 });
    expect(await baskets.quantities('anna')).toEqual({});
  });

  it('keeps a basket that was changed since, until it is abandoned as well', async () => {
    const { baskets, sweeper, clock } = shop();
    await baskets.apply('anna', [add('GR1', 1)]);
    clock.aheadMs = ABANDONED_AFTER_MS / 2;
    await baskets.apply('anna', [add('GR1', 1)]);

    clock.aheadMs = ABANDONED_AFTER_MS;
    await sweeper.pass();
    expect(await baskets.quantities('anna')).toEqual({ GR1: 2 });
    clock.aheadMs = 2 * ABANDONED_AFTER_MS;
    await sweeper.pass();

    expect(await baskets.quantities('anna')).toEqual({});
  });

  it('lets an add begin an empty basket, whose version continues', async () => {
    const { baskets, sweeper, clock } = shop();
    await baskets.apply('anna', [add('GR1', 2)]);
    clock.aheadMs = ABANDONED_AFTER_MS;
    await sweeper.pass();

    await expect(baskets.apply('anna', [{ op: 'clear' }])).rejects.toMatchObject({ code: 'basket.expired' });
    const reply = await baskets.apply('anna', [add('SR1', 1)]);

    expect(reply.version).toBe(3);
    expect(quantitiesIn(reply)).toEqual({ SR1: 1 });
  });

  it('expires no basket twice, and writes nothing for baskets without lines', async () => {
    const { baskets, sweeper, clock } = shop();
    await baskets.apply('opened', []);
    await baskets.apply('cleared', [add('GR1', 1)]);
    await baskets.apply('cleared', [{ op: 'clear' }]);
    await baskets.apply('left', [add('GR1', 1)]);

    clock.aheadMs = ABANDONED_AFTER_MS;
    await sweeper.pass();
    clock.aheadMs = 3 * ABANDONED_AFTER_MS;
    await sweeper.pass();

    expect((await baskets.state('opened')).version).toBe(1);
    expect((await baskets.state('cleared')).version).toBe(2);
    expect((await baskets.state('left')).version).toBe(2);
  });

  it('lets a concurrent change win', async () => {
    const { baskets, sweeper, clock } = shop((options) => ({
      ...options,
      baskets: {
        change: async (address, command) => {
          await baskets.apply('anna', [add('GR1', 1)]);
          return options.baskets.change(address, command);
        },
      },
    }));
    await baskets.apply('anna', [add('GR1', 1)]);

    clock.aheadMs = ABANDONED_AFTER_MS;
    await sweeper.pass();

    expect(await baskets.quantities('anna')).toEqual({ GR1: 2 });
  });

  it('retries a basket that was unavailable, although younger rows follow it', async () => {
    let away = true;
    const { baskets, sweeper, clock, failures } = shop((options) => ({
      ...options,
      baskets: {
        change: (address, command) =>
          away ? Promise.reject(new Error('away')) : options.baskets.change(address, command),
      },
    }));
    await baskets.apply('anna', [add('GR1', 1)]);
    clock.aheadMs = ABANDONED_AFTER_MS;
    await baskets.apply('bob', [add('GR1', 1)]);

    await sweeper.pass();
    away = false;
    await sweeper.pass();

    expect(failures).toHaveLength(1);
    expect(await baskets.quantities('anna')).toEqual({});
    expect(await baskets.quantities('bob')).toEqual({ GR1: 1 });
  });

  it('continues where the last server ended', async () => {
    const { baskets, sweeper, clock } = shop();
    for (let basket = 0; basket < 200; basket += 1) await baskets.apply(`b${basket}`, [add('GR1', 1)]);
    clock.aheadMs = ABANDONED_AFTER_MS;
    await sweeper.pass();
    await sweeper.stop();

    const [checkpoint] = await baskets.journal.checkpoints('expiry');
    const unread = await baskets.journal.readAfter([{ shard: 7, pos: checkpoint?.pos ?? 0 }], 1_000);

    expect(unread.map(({ seq }) => seq)).toEqual(Array(200).fill(2));
  });
});

function shop(change: (options: SweeperOptions) => SweeperOptions = (options) => options) {
  const runtime = aheadOf(systemRuntime);
  const baskets = new BareBaskets(new MemoryJournal(runtime), 'node-1', runtime);
  const failures: unknown[] = [];
  const sweeper = new Sweeper(
    change({
      journal: baskets.journal,
      heldShards: () => [7],
      baskets,
      prices: baskets.prices,
      runtime,
      abandonedAfterMs: ABANDONED_AFTER_MS,
      onFailed: (failure) => void failures.push(failure),
    }),
  );
  return { baskets, sweeper, clock: runtime.clock, failures };
}

function add(sku: string, quantity: number): Operation {
  return { op: 'add', sku, quantity };
}
