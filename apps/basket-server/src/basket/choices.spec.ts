import {
  AddItem, Basket, BasketJournal, BasketProtocol, Batch, OrderLine, Quote, QuoteRequest, SetLine, choiceOf, type DocumentReply, type LineChoice,
  type MergeMode, type Operation,
} from '@aisle/contracts';
import { choiceBy } from '@aisle/contracts/testing';
import { MemoryJournal } from '@aisle/journal/testing';
import { systemRuntime } from '@aisle/std';
import { Merger } from '../merge/merger.ts';
import { orderView } from '../quote/order-view.ts';
import { BareBaskets, addressed } from '../testing/bare-baskets.ts';
import { openShop } from '../testing/live-baskets.ts';
import { isSameChoice } from './basket.ts';
import { basketOf, savedBasket, SCHEMA_VERSION } from './stored-event.ts';

const ANNA = addressed('anna');
const CHOICE = choiceBy(3);
const OTHER = choiceBy(4);
/** All that may be chosen besides the quantity. */
const { quantity: _quantity, ...EXTRAS } = CHOICE;

describe('all that is chosen of a product', () => {
  it('is taken wherever a line is named', () => {
    const line = { sku: 'GR1', ...CHOICE };
    const batch = [{ op: 'add', ...line }, { op: 'set', ...line }];

    expect(AddItem.parse(line)).toEqual(line);
    expect(Batch.parse(batch)).toEqual(batch);
    expect(QuoteRequest.parse({ items: [line] }).items).toEqual([line]);
    expect(BasketProtocol.absorb.bodyOf({ from: 'guest', mode: 'sum', lines: [line] }).lines).toEqual([line]);
    expect(BasketProtocol.restore.bodyOf({ orderId: 'o-1', reason: 'expired', lines: [line], missing: [] }).lines).toEqual([line]);
  });

  it('is shown on its line, and in the history of the basket', async () => {
    const shop = await openShop();

    const changed = await shop.change(ANNA, 'c1', [set(CHOICE)]);

    expect(lineOf(changed)).toMatchObject(CHOICE);
    const { items } = BasketJournal.parse(JSON.parse((await shop.journal(ANNA)).json));
    expect(items[0]?.lines).toMatchObject([CHOICE]);
  });

  it('is read again by another server, from events and from a snapshot', async () => {
    const memory = new MemoryJournal(systemRuntime);
    await new BareBaskets(memory, 'node-1', systemRuntime).apply('anna', [set(CHOICE)]);

    const read = await new BareBaskets(memory, 'node-2', systemRuntime).state('anna');

    const restored = basketOf(JSON.parse(JSON.stringify(savedBasket(read))), SCHEMA_VERSION);
    for (const { lines } of [read, restored]) expect(lines.get('GR1')).toMatchObject(CHOICE);
  });

  it.each(Object.keys(SetLine.shape))('is changed by another %s', async (field) => {
    const shop = await openShop();
    await shop.change(ANNA, 'c1', [set(CHOICE)]);
    const next = { ...CHOICE, [field]: OTHER[field as keyof LineChoice] };

    expect(lineOf(await shop.change(ANNA, 'c2', [set(next)]))).toMatchObject(next);
    expect(isSameChoice(choiceOf(next), choiceOf(CHOICE))).toBe(false);
  });

  it('stays when units are added, unless something else is chosen with them, and goes with the line', async () => {
    const shop = await openShop();
    await shop.change(ANNA, 'c1', [set(CHOICE)]);

    expect(lineOf(await shop.change(ANNA, 'c2', [{ op: 'add', sku: 'GR1', quantity: 1 }]))).toMatchObject({ ...EXTRAS, quantity: 4 });
    expect(lineOf(await shop.change(ANNA, 'c3', [{ op: 'add', sku: 'GR1', ...OTHER }]))).toMatchObject({ ...OTHER, quantity: 8 });
    const anew: Operation[] = [set({ ...CHOICE, quantity: 0 }), { op: 'add', sku: 'GR1', quantity: 1 }];
    expect(choiceOf(lineOf(await shop.change(ANNA, 'c4', anew)))).toEqual(choiceOf({ quantity: 1 }));
  });

  it.each<[mode: MergeMode, quantity: number]>([['sum', 7], ['max', 4], ['replace', 3]])(
    'goes along in a merge by %s', async (mode, quantity) => {
      const baskets = new BareBaskets(new MemoryJournal(systemRuntime), 'node-1', systemRuntime);
      const merger = new Merger({ baskets, prices: baskets.prices, absorb: baskets.absorb });
      await baskets.apply('guest', [set(CHOICE)]);
      await baskets.apply('anna', [{ op: 'set', sku: 'GR1', quantity: 4 }]);

      const merged = await merger.merge(addressed('guest'), { mergeId: 'm-1', into: 'anna', mode }, { deadlineMs: Infinity, traceparent: '' });

      expect(lineOf(merged)).toMatchObject({ ...EXTRAS, quantity });
    },
  );

  it.each<MergeMode>(['sum', 'max'])('stays in a merge by %s with a line of which less was chosen', async (mode) => {
    const baskets = new BareBaskets(new MemoryJournal(systemRuntime), 'node-1', systemRuntime);
    const merger = new Merger({ baskets, prices: baskets.prices, absorb: baskets.absorb });
    await baskets.apply('guest', [{ op: 'set', sku: 'GR1', quantity: 4 }]);
    await baskets.apply('anna', [set(CHOICE)]);

    const merged = await merger.merge(addressed('guest'), { mergeId: 'm-1', into: 'anna', mode }, { deadlineMs: Infinity, traceparent: '' });

    expect(lineOf(merged)).toMatchObject(EXTRAS);
  });

  it('is in a quote', async () => {
    const shop = await openShop();

    const quote = await shop.quote([{ sku: 'GR1', ...CHOICE }]);

    expect(Quote.parse(JSON.parse(JSON.stringify(quote))).lines).toMatchObject([CHOICE]);
  });

  it('is in the order, and comes back with it', async () => {
    const shop = await openShop();
    await shop.change(ANNA, 'c1', [set(CHOICE)]);

    const { order } = await shop.checkOut(ANNA, 'c2');
    const lines = orderView(order!, 'GBP').lines.map((line) => OrderLine.parse(line));
    const back = lines.map((line) => ({ sku: line.sku, ...choiceOf(line) }));
    const restored = await shop.restore(ANNA, { orderId: order!.orderId, reason: 'out_of_stock', lines: back, missing: [] });

    expect(lines).toMatchObject([CHOICE]);
    expect(lineOf(restored)).toMatchObject(CHOICE);
  });
});

function set(choice: LineChoice): Operation {
  return { op: 'set', sku: 'GR1', ...choice };
}

function lineOf({ json }: DocumentReply): Basket['lines'][number] {
  const { lines } = Basket.parse(JSON.parse(json));
  if (lines.length !== 1) throw new Error(`the basket has ${lines.length} lines, not one`);
  return lines[0]!;
}
