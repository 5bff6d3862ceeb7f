import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import type { Action } from '../market/command.ts';
import type { Market } from '../market/market.ts';
import { marketSchema } from '../schema.ts';
import { body } from '../testing/bare-market.ts';
import { MarketNode } from '../testing/market-node.ts';
import type { MarketId } from './market-rows.repository.ts';

const NEIGHBOURS = 12;
const adjust: Action = { kind: 'adjust', sku: 'tea', adjustment: { delta: 1, reason: 'delivered' } };
const adjusted = (change: object): Action => ({ ...adjust, adjustment: { ...adjust.adjustment, ...change } });
const created = (change: object): Action => ({ kind: 'create', sku: 'new', product: { ...body('new'), quantity: 1, ...change } });

/** Values that the edge refuses at present, and that rows cannot store. */
const POISON: [what: string, sqlState: string, action: Action][] = [
  ['a reason with U+0000', '22P05', adjusted({ reason: 's3cret\0' })],
  ['a reason with half a surrogate', '22P02', adjusted({ reason: 's3cret\ud800' })],
  ['a day in the year 0', '22008', adjusted({ expiresOn: '0000-01-01' })],
  ['a name with U+0000', '22P05', created({ name: 's3cret\0' })],
  ['a description with U+0000', '22P05', created({ description: 's3cret\0' })],
  ['a category with U+0000', '22P05', created({ category: 's3cret\0' })],
  ['a price beyond its type', '22003', created({ price: { amount: 1e19, currency: 'GBP' } })],
  ['no name', '23502', created({ name: null })],
  ['one such line of an import', '22P05', { kind: 'import', lines: [
    { line: 1, sku: 'fine', ...body('fine') }, { line: 2, sku: 'bad', ...body('s3cret\0') },
  ] } as unknown as Action],
];

describe('a command whose rows PostgreSQL refuses', () => {
  let database: TestDatabase;
  let node: MarketNode;

  beforeAll(async () => {
    database = await testDatabase(marketSchema);
  });

  afterAll(() => database.drop());

  // With one lane, hence all markets in one batch.
  beforeEach(async () => {
    node = await MarketNode.start(database);
  });

  afterEach(() => node.kill());

  it.each(POISON)('for %s fails alone; no other write waits for it or is refused', async (_what, sqlState, poison) => {
    const sick = await stocked();
    const neighbours = await Promise.all(Array.from({ length: NEIGHBOURS }, stocked));

    const before = [sick, ...neighbours].map((id) => node.do(id, adjust));
    const refused: Promise<unknown> = node.do(sick, poison).catch((error: unknown) => error);
    const behind = [sick, ...neighbours].map((id) => node.do(id, adjust));

    const bug = (await refused) as Error;
    expect(bug).toMatchObject({ name: 'UnstorableEvent', actor: `default/${sick.market}/${sick.market}`, code: sqlState });
    expect(`${String(bug)} ${JSON.stringify(bug)} ${bug.stack}`).not.toContain('s3cret');
    expect(await Promise.allSettled([...before, ...behind])).toMatchObject(
      Array(2 * (NEIGHBOURS + 1)).fill({ status: 'fulfilled' }));
    expect(node.journal.retryAfterMs).toBe(0);
    for (const id of [sick, ...neighbours]) expect(await onHand(id)).toBe(12);
  });

  it('leaves the market as it was, in memory and in rows', async () => {
    const id = await stocked();
    const seen = ({ revision, products }: Market) => ({ revision, skus: [...products.values()].map(({ sku }) => sku) });
    const before = await node.markets.read(id, seen);

    for (const [, , poison] of POISON) await expect(node.do(id, poison)).rejects.toThrow('the storage refused an event');

    expect(await node.markets.read(id, seen)).toEqual(before);
    await node.do(id, adjust);
    const { state } = await node.rows.load(id);
    expect(state.products.get('tea')).toMatchObject({ onHand: 11 });
  });

  it('is refused again when it is repeated, and another command under its id is accepted', async () => {
    const id = await stocked();
    const key = uuidv7(runtime);
    const poison = adjusted({ reason: '\0' });

    await expect(node.do(id, poison, key)).rejects.toThrow('the storage refused an event');
    await expect(node.do(id, poison, key)).rejects.toThrow('the storage refused an event');

    expect(await node.do(id, adjust, key)).toBeDefined();
  });

  it('by its name alone fails no market that is loaded at the same time', async () => {
    const markets = Array.from({ length: 5 }, (_, number) => ({ tenant: 'default', market: `fresh ${number} ${uuidv7(runtime)}` }));
    const make = (id: MarketId) => node.do(id, { kind: 'create', sku: 'tea', product: body('tea') });

    const made = await Promise.allSettled([...markets, { tenant: 'default', market: 'zero \0 byte' }].map(make));

    expect(made.map(({ status }) => status)).toEqual([...Array<string>(5).fill('fulfilled'), 'rejected']);
  });

  async function stocked(): Promise<MarketId> {
    const id = { tenant: 'default', market: uuidv7(runtime) };
    await node.do(id, { kind: 'create', sku: 'tea', product: { ...body('tea'), quantity: 10 } });
    return id;
  }

  function onHand(id: MarketId): Promise<number | undefined> {
    return node.markets.read(id, ({ products }) => products.get('tea')?.onHand);
  }
});
