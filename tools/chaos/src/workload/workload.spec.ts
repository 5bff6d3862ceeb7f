import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkLinearizable, type Verdict } from '@aisle/simulation';
import { eventually } from '@aisle/std/testing';
import { Workload } from './workload.ts';

/** The bugs of the test's shop, which show now and then. */
type Bug = 'forgets what it acknowledged' | 'knows no keys' | 'reads what was before' | 'crashes';

describe('the workload', () => {
  it('accepts a shop that answers 503 before and after a change', async () => {
    const { verdict, violations, workload } = await shopAt(undefined);

    expect(verdict).toMatchObject({ kind: 'linearizable' });
    expect(violations).toEqual([]);
    expect(workload.setbacks.length).toBeGreaterThan(10);
  });

  it.each<Bug>(['forgets what it acknowledged', 'knows no keys', 'reads what was before'])(
    'sees that a shop %s',
    async (bug) => {
      expect((await shopAt(bug)).verdict).toMatchObject({ kind: 'violated' });
    },
  );

  it('sees an answer that no shop may give', async () => {
    const { violations } = await shopAt('crashes');

    expect(violations).toContainEqual(expect.stringContaining('was answered 500'));
  });

  it('sees a retry with another answer than the first time', async () => {
    const shop = await Shop.open(undefined);
    const workload = workloadOn(shop.url, []);
    await workload.write('anna', 'b0', { op: 'add', sku: 'GR1', quantity: 1 });
    const [first] = workload.acknowledged;
    if (!first) throw new Error('nothing was acknowledged');

    expect(await workload.replay(first)).toBeUndefined();
    expect(await workload.replay({ ...first, version: 7 })).toContain('instead of 7');
    await shop.close();
  });
});

/** Some hundred operations at a shop with that bug, and the checker's verdict. */
async function shopAt(bug: Bug | undefined): Promise<{ verdict: Verdict; violations: string[]; workload: Workload }> {
  const shop = await Shop.open(bug);
  const violations: string[] = [];
  const workload = workloadOn(shop.url, violations);
  workload.start();
  await eventually(() => workload.history.operations.length > 600);
  await workload.stop();
  await shop.close();
  return { verdict: checkLinearizable(workload.history), violations, workload };
}

function workloadOn(url: string, violations: string[]): Workload {
  return new Workload({
    seed: 1,
    baskets: ['b0', 'b1'],
    clients: 10,
    thinkMsMax: 5,
    gatewayUrl: () => url,
    onViolation: (text) => violations.push(text),
  });
}

interface Document {
  readonly version: number;
  readonly lines: { sku: string; quantity: number }[];
}

/** A minimal shop in one process, which is unavailable one time in ten. */
class Shop {
  private readonly baskets = new Map<string, Document>();
  private readonly answered = new Map<string, Document>();
  private requests = 0;

  private constructor(private readonly server: Server, private readonly bug: Bug | undefined) {}

  static async open(bug: Bug | undefined): Promise<Shop> {
    const server = createServer();
    const shop = new Shop(server, bug);
    server.on('request', (request, response) => void shop.answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return shop;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const say = (status: number, body: object): void => void response.writeHead(status).end(JSON.stringify(body));
    this.requests += 1;
    const nth = this.requests;
    if (nth % 20 === 0) return say(503, {});
    if (this.bug === 'crashes' && nth % 31 === 0) return say(500, {});

    const [, , , , , basket = '', , lineSku] = (request.url ?? '').split('/');
    const before = this.baskets.get(basket) ?? { version: 0, lines: [] };
    const isStale = this.bug === 'reads what was before' && nth % 9 === 0;
    if (request.method === 'GET') return say(200, isStale ? EARLIEST : before);
    const key = String(request.headers['idempotency-key']);
    const known = this.bug === 'knows no keys' ? undefined : this.answered.get(key);
    const text = Buffer.concat(chunks).toString() || '{}';
    const body = JSON.parse(text) as { sku?: string; quantity?: number };
    const after = known ?? changed(before, String(request.method), lineSku ?? body.sku ?? '', body.quantity ?? 0);
    if (!after) return say(404, { code: 'basket.line_missing' });
    this.answered.set(key, after);
    const isForgotten = this.bug === 'forgets what it acknowledged' && nth % 23 === 0;
    if (!known && !isForgotten) this.baskets.set(basket, after);
    // It took effect, and the client is not told.
    if (nth % 20 === 10) return say(503, {});
    say(200, after);
  }
}

const EARLIEST: Document = { version: 0, lines: [] };

function changed({ version, lines }: Document, method: string, sku: string, quantity: number): Document | undefined {
  const present = lines.find((line) => line.sku === sku)?.quantity ?? 0;
  if (method === 'DELETE' && present === 0) return undefined;
  const now = method === 'POST' ? present + quantity : method === 'PUT' ? quantity : 0;
  const others = lines.filter((line) => line.sku !== sku);
  return { version: version + 1, lines: now > 0 ? [...others, { sku, quantity: now }] : others };
}
