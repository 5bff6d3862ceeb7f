import { z } from 'zod';
import * as contracts from './index.ts';
import { Batch, LIMITS, NewOrder, NewProduct, ProductChange, QuoteRequest, StockAdjustment } from './index.ts';
import { fieldsOf } from './testing/index.ts';

const UNSTORABLE = ['\0', 'a\0b', '\ud800', 'a\udc00', '\udc00\ud800'];
const YEAR_0 = ['0000-01-01', '0000-02-29', '0000-01-01T00:00:00Z', '0000-12-31T23:59:59.999Z'];

const SCHEMAS = Object.entries(contracts).flatMap(([name, value]): [string, z.ZodType][] => {
  if (value instanceof z.ZodType) return [[name, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter((entry): entry is [string, z.ZodType] => (entry[1] as unknown) instanceof z.ZodType)
    .map(([key, schema]) => [`${name}.${key}`, schema]);
});
SCHEMAS.push(...Object.values(contracts.PROTOCOLS).flatMap(contracts.messagesIn).flatMap(({ type, bodySchema }): [string, z.ZodType][] =>
  (bodySchema ? [[type, bodySchema]] : [])));
/** Fields with texts of rules, which are passed on unchecked. */
const WORDS_OF_RULES = /^order\.place\.(lines\[\]\.)?adjustments\[\]\.(code|message)$/;
const FIELDS = SCHEMAS.flatMap(([name, schema]) => fieldsOf(schema, name)).filter(({ path }) => !WORDS_OF_RULES.test(path));

describe('every schema', () => {
  it('is covered by these tests, including events and bodies of messages', () => {
    const names = SCHEMAS.map(([name]) => name);

    expect(names).toEqual(expect.arrayContaining(['AddItem', 'Basket', 'NewProduct', 'LoadStrategy', 'EVENTS.OrderCreated', 'basket.change']));
    expect(FIELDS.length).toBeGreaterThan(250);
  });

  it.each(UNSTORABLE)('refuses %j in each of its texts', (text) => {
    expect(FIELDS.filter(({ schema }) => schema.safeParse(text).success).map(({ path }) => path)).toEqual([]);
  });

  it.each([...UNSTORABLE.map((text) => ({ text })), [['a\0']], { 'a\0': 1 }, { deep: [{ er: '\ud800' }] }])(
    'takes %j in none of its free values', (value) => {
      const free = FIELDS.filter(({ schema }) => schema.safeParse({ any: 'value' }).success);

      expect(free.length).toBeGreaterThan(3);
      expect(free.filter(({ schema }) => schema.safeParse(value).success).map(({ path }) => path)).toEqual([]);
    },
  );

  it.each(YEAR_0)('refuses %s in each of its dates', (date) => {
    const dates = FIELDS.filter(({ schema }) =>
      ['2031-01-31', '2031-01-31T12:00:00Z'].some((right) => schema.safeParse(right).success) && !schema.safeParse('a-name').success);

    expect(dates.length).toBeGreaterThan(10);
    expect(dates.filter(({ schema }) => schema.safeParse(date).success).map(({ path }) => path)).toEqual([]);
  });
});

describe.each([
  ['a product\'s name', NewProduct.shape.name],
  ['a description', ProductChange.shape.description.unwrap().unwrap()],
  ['the reason of an adjustment', StockAdjustment.shape.reason],
])('%s', (_what, schema) => {
  it.each(['Tea', ' Tea ', '\u200bTea', 'a\u0301', '\u202eevil', '👨‍👩‍👧', '牛乳', '\ue000', '.'])('may be %j', (text) => {
    expect(schema.safeParse(text).success).toBe(true);
  });

  it.each(['', ' ', '\n', '\u00a0', '\u200b', '\ufeff\u2060', '\u3164', '\u2800', '\u202e', '\uffff', '\u00ad \u034f'])(
    'may not be %j, of which nothing is seen', (text) => {
      expect(schema.safeParse(text).error?.issues.map(({ message }) => message)).toContain('must have at least one visible character');
    },
  );
});

describe('a price', () => {
  it.each(['GBP', 'JPY', 'KWD', 'XOF', 'XCG', 'VED'])('may be in %s', (currency) => {
    expect(price({ amount: 1, currency }).success).toBe(true);
  });

  it.each(['ZZZ', 'AAA', 'BTC', 'DEM', 'HRK', 'XXX', 'XTS', 'XAU', 'XDR', 'CLF', 'gbp', 'GBP ', '', 'GB', 'POUND'])('may not be in %j', (currency) => {
    expect(price({ amount: 1, currency }).error?.issues).toMatchObject([
      { path: ['currency'], message: 'must be an ISO 4217 code of a currency in circulation, such as GBP' },
    ]);
  });

  function price(value: unknown) {
    return NewProduct.shape.price.safeParse(value);
  }
});

describe('a list that is too long', () => {
  it.each([
    ['of operations', Batch, LIMITS.operationsPerBatch, '1 to 500'],
    ['of items', QuoteRequest.shape.items, LIMITS.linesPerBasket, 'at most 1000'],
    ['of lines', NewOrder.shape.lines, LIMITS.linesPerBasket, '1 to 1000'],
  ])('%s is refused as a whole, whatever its items are', (_what, schema, most, wanted) => {
    expect(schema.safeParse(Array(most + 1).fill({})).error?.issues).toEqual([
      { code: 'custom', path: [], message: `must have ${wanted} items` },
    ]);
  });
});
