import type { BasketJournal, DocumentReply, Basket as BasketDocument, Operation } from '@aisle/contracts';
import { MemoryJournal } from '@aisle/journal/testing';
import { systemRuntime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { crash, crashOn } from '@aisle/supervision/testing';
import { openShop as open, type Shop } from '../testing/live-baskets.ts';
import type { BasketAddress } from './baskets.ts';

const ANNA: BasketAddress = { tenant: 'default', market: 'm1', basket: 'anna', shard: 7 };
const BOB: BasketAddress = { ...ANNA, basket: 'bob', shard: 8 };

describe('Baskets', () => {
  it('creates a basket by its first line, and prices it', async () => {
    const shop = await open();

    const reply = await shop.change(ANNA, 'c1', [add('GR1', 2)]);

    expect(reply).toMatchObject({ version: 1, created: true });
    expect(documentOf(reply)).toMatchObject({
      id: 'anna',
      lines: [{ sku: 'GR1', quantity: 2 }],
      total: { amount: 311, currency: 'GBP' },
    });
  });

  it('opens a basket once, and answers a second opening with the basket', async () => {
    const shop = await open();

    expect(await shop.open(ANNA, 'c1')).toMatchObject({ version: 1, created: true });
    await shop.change(ANNA, 'c2', [add('GR1', 1)]);

    const again = await shop.open(ANNA, 'c3');
    expect(again).toMatchObject({ version: 2 });
    expect(again.created).toBeUndefined();
    expect(await shop.open(ANNA, 'c1')).toMatchObject({ version: 1, created: true, replayed: true });
  });

  it('answers a repeated command with its first answer, whatever came in between', async () => {
    const shop = await open();
    const first = await shop.change(ANNA, 'c1', [add('GR1', 1)]);
    await shop.change(ANNA, 'c2', [add('SR1', 1)]);

    const again = await shop.change(ANNA, 'c1', [add('GR1', 1)]);

    expect(again).toEqual({ ...first, replayed: true });
    expect(documentOf(await shop.read(ANNA))).toMatchObject({ version: 2 });
  });

  it('refuses a command id that was used with another payload', async () => {
    const shop = await open();
    await shop.change(ANNA, 'c1', [add('GR1', 1)]);

    await expect(shop.change(ANNA, 'c1', [add('GR1', 2)])).rejects.toMatchObject({
      kind: 'rejected',
      code: 'idempotency.mismatch',
    });
  });

  it('applies one of a hundred simultaneous copies of a command', async () => {
    const shop = await open();

    const replies = await Promise.all(
      Array.from({ length: 100 }, () => shop.change(ANNA, 'c1', [add('GR1', 1)])),
    );

    expect(replies.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(documentOf(await shop.read(ANNA))).toMatchObject({ version: 1, lines: [{ quantity: 1 }] });
  });

  it('changes only the version in If-Match, but answers a retry without checking it', async () => {
    const shop = await open();
    await shop.change(ANNA, 'c1', [add('GR1', 1)]);

    await shop.change(ANNA, 'c2', [add('GR1', 1)], 1);
    await expect(shop.change(ANNA, 'c3', [add('GR1', 1)], 1)).rejects.toMatchObject({
      kind: 'precondition',
      code: 'basket.version_mismatch',
    });

    expect(await shop.change(ANNA, 'c2', [add('GR1', 1)], 1)).toMatchObject({ replayed: true });
  });

  it.each<[what: string, operations: Operation[], code: string]>([
    ['a product that the market does not sell', [add('NOPE', 1)], 'product.unknown'],
    ['the removal of a missing line', [{ op: 'remove', sku: 'CF1' }], 'basket.line_missing'],
    ['a batch with one refused operation', [add('CF1', 1), add('NOPE', 1)], 'product.unknown'],
  ])('refuses %s, and leaves the basket unchanged', async (_what, operations, code) => {
    const shop = await open();
    await shop.change(ANNA, 'c1', [add('GR1', 1)]);

    await expect(shop.change(ANNA, 'c2', operations)).rejects.toMatchObject({ code });

    expect(documentOf(await shop.read(ANNA))).toMatchObject({ version: 1, lines: [{ sku: 'GR1' }] });
  });

  it.each([
    ['reading', (shop: Shop) => shop.read(ANNA)],
    ['clearing', (shop: Shop) => shop.change(ANNA, 'c1', [{ op: 'clear' }])],
    ['its journal', (shop: Shop) => shop.journal(ANNA)],
  ])('refuses a basket that does not exist: %s', async (_what, ask) => {
    await expect(ask(await open())).rejects.toMatchObject({ kind: 'missing', code: 'basket.missing' });
  });

  it('shows the history of a basket', async () => {
    const shop = await open();
    await shop.change(ANNA, 'c1', [add('GR1', 2)]);
    await shop.change(ANNA, 'c2', [{ op: 'clear' }]);

    const { items, next } = JSON.parse((await shop.journal(ANNA)).json) as BasketJournal;

    expect(items).toMatchObject([
      { version: 1, commandId: 'c1', lines: [{ sku: 'GR1', quantity: 2 }], total: { amount: 311 } },
      { version: 2, commandId: 'c2', lines: [], removed: ['GR1'], total: { amount: 0 } },
    ]);
    expect(next).toBeNull();
  });

  it('keeps one process per basket, and below it one per product with a line', async () => {
    const shop = await open();
    await shop.change(ANNA, 'c1', [add('GR1', 1), add('SR1', 1)]);
    await shop.change(BOB, 'c1', [add('CF1', 1)]);

    expect(shop.tree()).toEqual({
      BasketServer: {
        DynamicUserBasketSupervisor: {
          'default/m1/anna': { DynamicProductSupervisor: { GR1: {}, SR1: {} } },
          'default/m1/bob': { DynamicProductSupervisor: { CF1: {} } },
        },
      },
    });

    await shop.change(ANNA, 'c2', [{ op: 'remove', sku: 'GR1' }]);
    await eventually(() => expect(shop.products('default/m1/anna')).toEqual(['SR1']));
  });

  describe('when pricing one product crashes', () => {
    it('answers that request with an error, and affects no other product or basket', async () => {
      const shop = await open();
      await shop.change(ANNA, 'c1', [add('GR1', 1), add('SR1', 1)]);
      await shop.change(BOB, 'c1', [add('GR1', 1)]);
      const [basket, product] = [shop.ref('default/m1/anna'), shop.process('default/m1/anna', 'GR1')];

      crashOn(product, ({ name }) => name === 'price');
      const crashed = shop.change(ANNA, 'c2', [add('GR1', 1)]);

      await expect(crashed).rejects.toMatchObject({ kind: 'unavailable', code: 'product.crashed' });
      expect(shop.crashed).toEqual([product]);
      expect(basket.alive).toBe(true);
      expect(documentOf(await shop.read(ANNA))).toMatchObject({ version: 1 });
      expect(documentOf(await shop.change(ANNA, 'c3', [add('SR1', 1)]))).toMatchObject({ version: 2 });
      expect(documentOf(await shop.change(BOB, 'c2', [add('GR1', 1)]))).toMatchObject({ version: 2 });
    });

    it('prices with the restarted product from then on', async () => {
      const shop = await open();
      await shop.change(ANNA, 'c1', [add('GR1', 1)]);
      crashOn(shop.process('default/m1/anna', 'GR1'), ({ name }) => name === 'price');
      await shop.change(ANNA, 'c2', [add('GR1', 1)]).catch(() => undefined);

      const retried = await shop.change(ANNA, 'c2', [add('GR1', 1)]);

      expect(documentOf(retried)).toMatchObject({ version: 2, lines: [{ quantity: 2 }] });
    });

    it('restores that basket from the journal when a product exceeds its restart intensity', async () => {
      const shop = await open();
      await shop.change(ANNA, 'c1', [add('GR1', 1)]);
      await shop.change(BOB, 'c1', [add('GR1', 1)]);
      const [anna, bob] = [shop.ref('default/m1/anna'), shop.ref('default/m1/bob')];

      for (let crashes = 0; crashes < 4; crashes += 1) {
        const product = shop.process('default/m1/anna', 'GR1');
        crash(product);
        await product.whenDown();
      }
      await anna.whenDown();

      expect([anna.alive, bob.alive]).toEqual([false, true]);
      expect(documentOf(await shop.read(ANNA))).toMatchObject({ version: 1, lines: [{ sku: 'GR1' }] });
    });
  });

  it('restores a basket with every line after its process crashed', async () => {
    const shop = await open();
    for (let version = 1; version <= 250; version += 1) await shop.change(ANNA, `c${version}`, [add('GR1', 1)]);
    const before = await shop.read(ANNA);

    const basket = shop.ref('default/m1/anna');
    crash(basket);
    await basket.whenDown();

    expect(await shop.read(ANNA)).toEqual(before);
    expect(await shop.change(ANNA, 'c1', [add('GR1', 1)])).toMatchObject({ version: 1, replayed: true });
  });

  it('refuses writes of the old server to a basket that another one has taken over', async () => {
    const memory = new MemoryJournal(systemRuntime);
    const [first, second] = [await open({ memory, incarnation: 'node-1' }), await open({ memory, incarnation: 'node-2' })];
    await first.change(ANNA, 'c1', [add('GR1', 1)]);

    await second.change(ANNA, 'c2', [add('GR1', 1)]);

    await expect(first.change(ANNA, 'c3', [add('GR1', 1)])).rejects.toMatchObject({ kind: 'unavailable' });
    expect(documentOf(await second.read(ANNA))).toMatchObject({ version: 2, lines: [{ quantity: 2 }] });
  });
});

function add(sku: string, quantity: number): Operation {
  return { op: 'add', sku, quantity };
}

function documentOf({ json }: DocumentReply): BasketDocument {
  return JSON.parse(json) as BasketDocument;
}
