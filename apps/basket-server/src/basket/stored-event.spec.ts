import { payloadHash } from '@aisle/journal';
import { basketBehaviour } from './basket-behaviour.ts';
import { basketView } from './basket-view.ts';
import type { BasketEvent } from './basket-event.ts';
import { emptyBasket, evolve, type Basket } from './basket.ts';
import { payloadHashOf } from './command.ts';
import { basketOf, eventOf, principalIn, savedBasket, storedEvent, type StoredEvent } from './stored-event.ts';

// Bytes that were committed before the second layout existed: opened; 3 GR1; 3 SR1 and 4 CF1; 12 of P0007; SR1 removed;
// 1 SR1 and P0007 removed.
const ROWS_OF_LAYOUT_1 = [
  '[[1,1795230001500,1,1,0,[],[],[],[]]]',
  '[[1,1795230003000,1,1,622,[["GR1","Green tea","tea",3,311,622,false,[["buy-n-get-m",-311,1,"buy 1, get 1 free: 1 free",["gr1-buy-one-get-one-free","1.0.0","oaSBzlq1Xdqn9sJ5NKmTI_7IZwKmvWAv0O-Ddk7BvEA"]]],[["buy-n-get-m","one more and it is free",1,"gr1-buy-one-get-one-free","1.0.0"]]]],[],[],[]]]',
  '[[1,1795230004500,1,1,4967,[["SR1","Strawberries","fruit",3,500,1350,false,[["bulk-price",-150,3,"bulk price from 3 units",["sr1-bulk-price","1.0.0","ZDFGCQ4iqxSUwyfQzex2yNHk-xvEIuYQ1dumop6_fIA"]]],[]],["CF1","Coffee","coffee",4,1123,2995,false,[["fraction-from",-1497,4,"all at 2/3 from 3 units",["cf1-two-thirds","1.0.0","sZplBdplt7SiqqukrwgJyFcp8_bvC757HHeU6FbPIHQ"]]],[]]],[],[],[]]]',
  '[[1,1795230006000,1,1,9647,[["P0007","Organic honey","preserves",12,390,4680,false,[],[]]],[],[],[]]]',
  '[[1,1795230007500,1,1,8297,[],["SR1"],[],[]]]',
  '[[1,1795230009000,1,1,4117,[["SR1","Strawberries","fruit",1,500,500,false,[],[["bulk-price","2 more and each costs less",2,"sr1-bulk-price","1.0.0"]]]],["P0007"],[],[]]]',
];
const SNAPSHOT_OF_VERSION_1 =
  '[6,[1,1795230009000,1,1,4117,[["GR1","Green tea","tea",3,311,622,false,[["buy-n-get-m",-311,1,"buy 1, get 1 free: 1 free",["gr1-buy-one-get-one-free","1.0.0","oaSBzlq1Xdqn9sJ5NKmTI_7IZwKmvWAv0O-Ddk7BvEA"]]],[["buy-n-get-m","one more and it is free",1,"gr1-buy-one-get-one-free","1.0.0"]]],["CF1","Coffee","coffee",4,1123,2995,false,[["fraction-from",-1497,4,"all at 2/3 from 3 units",["cf1-two-thirds","1.0.0","sZplBdplt7SiqqukrwgJyFcp8_bvC757HHeU6FbPIHQ"]]],[]],["SR1","Strawberries","fruit",1,500,500,false,[],[["bulk-price","2 more and each costs less",2,"sr1-bulk-price","1.0.0"]]]],[],[],[]]]';
const DOCUMENT =
  '{"id":"anna","version":6,"market":"m1","lines":[{"sku":"GR1","name":"Green tea","quantity":3,"unitPrice":{"amount":311,"currency":"GBP"},"gross":{"amount":933,"currency":"GBP"},"adjustments":[{"code":"buy-n-get-m","amount":{"amount":-311,"currency":"GBP"},"message":"buy 1, get 1 free: 1 free","strategy":"gr1-buy-one-get-one-free","version":"1.0.0"}],"net":{"amount":622,"currency":"GBP"}},{"sku":"CF1","name":"Coffee","quantity":4,"unitPrice":{"amount":1123,"currency":"GBP"},"gross":{"amount":4492,"currency":"GBP"},"adjustments":[{"code":"fraction-from","amount":{"amount":-1497,"currency":"GBP"},"message":"all at 2/3 from 3 units","strategy":"cf1-two-thirds","version":"1.0.0"}],"net":{"amount":2995,"currency":"GBP"}},{"sku":"SR1","name":"Strawberries","quantity":1,"unitPrice":{"amount":500,"currency":"GBP"},"gross":{"amount":500,"currency":"GBP"},"adjustments":[],"net":{"amount":500,"currency":"GBP"}}],"adjustments":[],"skipped":[{"code":"buy-n-get-m","reason":"one more and it is free","sku":"GR1","unitsNeeded":1,"strategy":"gr1-buy-one-get-one-free","version":"1.0.0"},{"code":"bulk-price","reason":"2 more and each costs less","sku":"SR1","unitsNeeded":2,"strategy":"sr1-bulk-price","version":"1.0.0"}],"total":{"amount":4117,"currency":"GBP"},"updatedAt":"2026-11-21T03:00:09.000Z","notices":[]}';

describe('a basket written by the first version', () => {
  it('has the same amounts when its events are read', () => {
    const basket = ROWS_OF_LAYOUT_1.flatMap((bytes) => JSON.parse(bytes) as StoredEvent[]).reduce(
      basketBehaviour.evolve,
      emptyBasket,
    );

    expect(documentOf(basket)).toBe(DOCUMENT);
    expect(basket).toMatchObject({ standing: { is: 'open' }, absorbed: [], revisions: { catalogue: 1, rules: 1 } });
  });

  it('has the same state when its snapshot is read', () => {
    const basket = basketBehaviour.restore(JSON.parse(SNAPSHOT_OF_VERSION_1), 1);

    expect(documentOf(basket)).toBe(DOCUMENT);
    expect(basket).toMatchObject({ standing: { is: 'open' }, absorbed: [] });
  });

  it('recognises a repeated command', () => {
    const operations = [{ op: 'add' as const, sku: 'GR1', quantity: 3 }];

    const hash = payloadHashOf({ opens: false, operations });

    expect(hash).toEqual(payloadHash('[false,[{"op":"add","sku":"GR1","quantity":3}]]'));
    expect(Buffer.from(hash).toString('hex')).toBe('0ff6b8b6e46d73c5');
  });
});

describe('storedEvent', () => {
  it('writes a change byte for byte as the first version did', () => {
    for (const bytes of ROWS_OF_LAYOUT_1) {
      const [stored] = JSON.parse(bytes) as [StoredEvent];

      expect(JSON.stringify([storedEvent(eventOf(stored))])).toBe(bytes);
    }
  });

  it.each(eventsWithoutChange())('restores %s, and the basket after it', (_type, event) => {
    const stored = JSON.parse(JSON.stringify(storedEvent(event))) as StoredEvent;

    expect(eventOf(stored)).toEqual(event);
    expect(basketBehaviour.evolve(held(), stored)).toEqual(evolve(held(), event));
  });

  it.each<[string, BasketEvent]>([
    ['a plain change', eventOf((JSON.parse(ROWS_OF_LAYOUT_1[3] ?? '') as [StoredEvent])[0])], ...eventsWithoutChange(),
  ])('keeps the principal of %s', (_type, event) => {
    const stored = JSON.parse(JSON.stringify(storedEvent(event, 'key/7'))) as StoredEvent;

    expect(principalIn(stored)).toBe('key/7');
    expect(eventOf(stored)).toEqual(event);
    expect(principalIn(storedEvent(event))).toBe('');
  });

  it.each([
    ['a newer layout', [3, 'paid', 5], 'layout 3'],
    ['an unknown type of event', [2, 'paid', 5, 0], 'type paid'],
  ])('refuses to read %s', (_what, stored, message) => {
    expect(() => eventOf(stored as never)).toThrow(message);
  });
});

describe('savedBasket', () => {
  it.each(eventsWithoutChange())('restores a basket after %s', (_type, event) => {
    const basket = evolve(held(), event);

    expect(basketOf(JSON.parse(JSON.stringify(savedBasket(basket))), basketBehaviour.schemaVersion)).toEqual(basket);
  });

  it('writes a basket that has only changes as the first version did', () => {
    expect(JSON.stringify(savedBasket(held()))).toBe(SNAPSHOT_OF_VERSION_1);
  });

  it('reads a basket in a merge that version 2 wrote', () => {
    const { lines, totalMinor, version } = held();
    const merge = { mergeId: 'm-1', into: 'user', mode: 'sum' };
    const [, change] = JSON.parse(SNAPSHOT_OF_VERSION_1) as [number, unknown];

    const basket = basketOf([6, change, { is: 'sealed', merge }, ['m-0']], 2);

    expect(basket).toMatchObject({ version, totalMinor, lines, absorbed: ['m-0'], standing: { is: 'sealed', merge }, notices: [] });
  });

  it('reads an order that version 3 wrote, and gives each line its share of the total', () => {
    const [, change] = JSON.parse(SNAPSHOT_OF_VERSION_1) as [number, [number, number, number, number, number, unknown[]]];
    const lines = change[5];

    const { standing } = basketOf([6, change, { is: 'open', order: ['o-1', 4_000, 5, lines] }], 3);

    const order = standing.is === 'open' ? standing.order : undefined;
    const nets = order?.lines.map(({ netMinor }, at) => netMinor + (order.sharesMinor[at] ?? 0)) ?? [];
    expect(nets.reduce((sum, net) => sum + net, 0)).toBe(4_000);
  });

  it('refuses to read a newer version', () => {
    expect(() => basketOf([1, []], 5)).toThrow('schema version 5');
  });
});

function held(): Basket {
  return basketOf(JSON.parse(SNAPSHOT_OF_VERSION_1), 1);
}

function eventsWithoutChange(): [BasketEvent['type'], BasketEvent][] {
  const beside = { atMs: 1_795_230_010_000, totalMinor: 4_117 };
  const change = eventOf((JSON.parse(ROWS_OF_LAYOUT_1[3] ?? '') as [StoredEvent])[0]);
  if (change.type !== 'changed') throw new Error('the row is a change');
  const returned = {
    code: 'orderReturned', orderId: 'o-1', reason: 'out_of_stock', missing: [{ sku: 'GR1', quantity: 2 }],
    lost: [{ sku: 'SR1', quantity: 1, reason: 'line_full' }],
  } as const;
  const events: BasketEvent[] = [
    { ...change, notices: [{ code: 'priceChanged', sku: 'GR1', fromMinor: 311, toMinor: 325 }] },
    { ...change, notices: [{ code: 'ruleChanged', strategy: 'tea-week', fromMinor: -156, toMinor: 0, message: 'tea week' }] },
    { ...change, lines: change.lines.map((line) => ({ ...line, unavailable: true as const })) },
    { ...change, degraded: true },
    { type: 'absorbed', mergeId: 'm-1', from: 'guest', change },
    { type: 'checkedOut', orderId: 'o-1', change, sharesMinor: change.lines.map((_line, at) => -1 - at), opening: 0 },
    { type: 'checkedOut', orderId: 'o-1', change: { ...change, degraded: true }, sharesMinor: [], opening: 4 },
    { type: 'repriced', change: { ...change, notices: [{ code: 'priceChanged', sku: 'GR1', fromMinor: 311, toMinor: 325 }] } },
    { type: 'restored', orderId: 'o-1', change: { ...change, notices: [returned] } },
    { type: 'sealed', ...beside, merge: { mergeId: 'm-1', into: 'user', mode: 'max', ifMatch: 7 } },
    { type: 'merged', ...beside, totalMinor: 0, other: 'user' },
    { type: 'unsealed', ...beside, other: 'user' },
    { type: 'declined', ...beside, other: 'guest' },
    { type: 'expired', ...beside, totalMinor: 0 },
  ];
  return events.map((event) => [event.type, event]);
}

function documentOf(basket: Basket): string {
  return JSON.stringify(basketView('anna', 'm1', 'GBP', basket));
}
