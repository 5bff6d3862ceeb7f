import { LIMITS, MARKET_LIMITS } from '@aisle/contracts';
import { ask, askUntilDone } from './ask.ts';

/** The worst legal request of a route, to be repeated; `number` is another one each time. Resolves with the status. */
export interface WorstRequest {
  readonly route: string;
  /** The number of concurrent requests. It is high if single requests do no harm. */
  readonly atOnce: number;
  send(number: number): Promise<number>;
}

const MARKET = 'worst';
const LISTS_AT_ONCE = 120;
const IMPORT_LINES = 400_000;
const skus = Array.from({ length: LIMITS.linesPerBasket }, (_, number) => `W${number}`);
const items = skus.map((sku) => ({ sku, quantity: LIMITS.unitsPerRequest }));
const path = `/v1/markets/${MARKET}`;

/** One market with as many products as a basket holds, and a request for each route whose work grows with its input. */
export async function prepareWorst(gatewayUrl: string): Promise<WorstRequest[]> {
  const done = (method: string, to: string, body?: unknown) => askUntilDone(gatewayUrl, method, to, body);
  const send = async (method: string, to: string, body?: unknown): Promise<number> => (await ask(gatewayUrl, method, to, body)).status;
  await done('PUT', path, { currency: 'GBP' });
  await done('POST', `${path}/products:import`, productLines(skus));
  const full = `${path}/baskets/full`;
  const fill = async (basket: string): Promise<void> => {
    for (let from = 0; from < items.length; from += LIMITS.operationsPerBatch) {
      const part = items.slice(from, from + LIMITS.operationsPerBatch);
      await done('POST', `${path}/baskets/${basket}/commands`, part.map((item) => ({ op: 'set', ...item })));
    }
  };
  await fill('full');
  await done('PUT', '/v1/pipelines/worst', { rate: 1_000, producerCount: 1, consumerCount: 1 });
  await done('POST', '/v1/consumers', { name: 'worst' });
  const draft = { name: 'worst', use: 'percent-off@1', title: 'worst', scope: { markets: [MARKET], skus }, params: { percent: 1 } };
  await done('POST', '/v1/strategies', { ...draft, version: '1.0.0' });
  const bulk = productLines(Array.from({ length: IMPORT_LINES }, (_, number) => `import-${number}`));
  const batch = (quantity: number) => items.slice(0, LIMITS.operationsPerBatch).map(({ sku }) => ({ op: 'set', sku, quantity }));
  const one = (route: string, request: (number: number) => Promise<number>, atOnce = 1): WorstRequest => ({ route, atOnce, send: request });
  return [
    one('import, 400,000 lines', () => send('POST', `${path}/products:import`, bulk)),
    one('import, 400,000 lines that are refused', () => send('POST', `${path}/products:import`, '{}\n'.repeat(IMPORT_LINES))),
    one('basket of 1,000 lines', () => send('GET', full)),
    one('batch of 500 in a basket of 1,000 lines', (number) => send('POST', `${full}/commands`, batch(1 + (number % 2)))),
    one('batch of 500 that are refused', () => send('POST', `${full}/commands`, Array(LIMITS.operationsPerBatch).fill({ op: 'set', sku: '' }))),
    one('quote of 1,000 items', () => send('POST', `${path}/quotes`, { items })),
    one('order of 1,000 lines', () => send('POST', '/v1/orders', { market: MARKET, lines: items.map(({ sku }) => ({ sku, quantity: 1 })) })),
    one('checkout of 1,000 lines', async (number) => {
      await fill(`checkout-${number}`);
      return send('POST', `${path}/baskets/checkout-${number}/checkout`);
    }),
    one('merge of 1,000 lines', async (number) => {
      await fill(`guest-${number}`);
      return send('POST', `${path}/baskets/merged-${number}/merge`, { from: `guest-${number}`, mode: 'sum' });
    }),
    one('draft of a strategy with 1,000 products', (number) => send('POST', '/v1/strategies', { ...draft, version: `2.0.${number}` })),
    one('validation of that', () => send('POST', '/v1/strategies/worst/versions/1.0.0/validate')),
    one('simulation of 100 baskets', () => send('POST', '/v1/strategies/worst/versions/1.0.0/simulate', {
      market: MARKET, baskets: Array(100).fill({ items: items.slice(0, 10).map(({ sku }) => ({ sku, quantity: 2 })) }),
    })),
    one('message of 65,536 characters', () => send('POST', '/v1/consumers/worst/messages', { body: 'x'.repeat(65_000) })),
    ...[`${path}/products?limit=200`, '/v1/orders?limit=200', '/v1/consumers/worst', '/v1/strategies'].map((list) =>
      one(`${LISTS_AT_ONCE} × GET ${list.replace('/v1', '')}`, () => send('GET', list), LISTS_AT_ONCE)),
    one('pipeline, made anew', (number) => send('PUT', '/v1/pipelines/worst', { rate: 1_000, producerCount: 1 + (number % 2), consumerCount: 4 })),
  ];
}

/** The maximum of product lines for an import, within its maximum of bytes. */
function productLines(names: readonly string[]): string {
  const text = names.map((sku) => JSON.stringify({ sku, name: sku, price: { amount: 100, currency: 'GBP' }, quantity: 1_000_000 })).join('\n');
  if (text.length > MARKET_LIMITS.importBytes) throw new Error(`an import accepts at most ${MARKET_LIMITS.importBytes} bytes, not ${text.length}`);
  return text;
}
