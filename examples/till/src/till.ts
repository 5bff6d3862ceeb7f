// A till. Each line of its input is a SKU or a scanned code; `pay` orders the basket, and prints the receipt.
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProblemError, aisleClient, dataOf, type Schemas } from '@aisle/client';

const BASKET = '/v1/markets/{market}/baskets/{basket}';
const UNDECIDED: ReadonlySet<string> = new Set(['PENDING', 'RESERVED']);

const [baseUrl = 'http://localhost:3000', market = 'm1', basket = 'till-1'] = process.argv.slice(2);
const aisle = aisleClient({ baseUrl, patienceMs: 60_000 });
const path = { market, basket };

for await (const line of createInterface({ input: process.stdin })) {
  try {
    await (line === 'pay' ? pay() : scan(line.trim()));
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    console.log(`! ${error.problem.detail}`);
  }
}

async function scan(text: string): Promise<void> {
  const body = /^\d{8,14}$/.test(text) ? { code: text } : { sku: text };
  const { lines, total } = await dataOf(aisle.POST(`${BASKET}/lines`, { params: { path }, body }));
  const line = lines.find(({ sku }) => sku === text) ?? lines.at(-1);
  console.log(`${line?.quantity} ${line?.name}: ${shown(line?.net ?? total)}, total ${shown(total)}`);
}

async function pay(): Promise<void> {
  const { total } = await dataOf(aisle.GET(BASKET, { params: { path } }));
  const { orderId } = await dataOf(aisle.POST(`${BASKET}/checkout`, { params: { path }, body: { total } }));
  const order = await decided(orderId);
  for (const { quantity, name, net, adjustments } of order.lines) {
    console.log(`${quantity} ${name} ${shown(net)}${adjustments.map(({ message }) => ` (${message})`).join('')}`);
  }
  console.log(`${order.status}, total ${shown(order.total)}`);
}

/** The order, once its stock is reserved or refused. */
async function decided(id: string): Promise<Schemas['Order']> {
  const order = await dataOf(aisle.GET('/v1/orders/{order}', { params: { path: { order: id } } }));
  if (!UNDECIDED.has(order.status)) return order;
  await sleep(100);
  return decided(id);
}

function shown({ amount, currency }: Schemas['Money']): string {
  return `${(amount / 100).toFixed(2)} ${currency}`;
}
