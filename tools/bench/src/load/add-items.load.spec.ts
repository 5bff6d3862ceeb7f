import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addItems } from './add-items.ts';
import { AddLedger } from './add-ledger.ts';
import type { Address } from './http-connection.ts';

describe('the add-item load', () => {
  let cart: FaultyCart;

  beforeEach(async () => {
    cart = await FaultyCart.start();
  });

  afterEach(() => cart.stop());

  it('adds as often as it is asked to, over as many connections', async () => {
    const ledger = new AddLedger(['b1', 'b2']);

    const outcome = await addItems({ ...load(ledger), clients: 4, addsMax: 60 });

    expect(outcome).toMatchObject({ acknowledged: 60, refused: 0, doubtful: 0, complaint: undefined });
    expect(cart.connections).toBe(4);
    expect(cart.quantities('b1')).toEqual({ GR1: 10, SR1: 10, CF1: 10 });
    expect(await ledger.discrepancies(cart.address, 'm1')).toEqual([]);
  });

  it('notices one lost add', async () => {
    const ledger = new AddLedger(['b1']);
    cart.fault = (request) => (request === 5 ? 'lose' : 'none');

    await addItems({ ...load(ledger), addsMax: 9 });

    expect(await ledger.discrepancies(cart.address, 'm1')).toEqual(['b1 holds 2 CF1, acknowledged were 3']);
  });

  it('notices one add done twice', async () => {
    const ledger = new AddLedger(['b1']);
    cart.fault = (request) => (request === 3 ? 'double' : 'none');

    await addItems({ ...load(ledger), addsMax: 9 });

    expect(await ledger.discrepancies(cart.address, 'm1')).toEqual(['b1 holds 4 GR1, acknowledged were 3']);
  });

  it('repeats a doubtful add with the same key', async () => {
    const ledger = new AddLedger(['b1']);
    cart.fault = (request) => (['busy', 'cut', 'none'] as const)[request % 3]!;

    const outcome = await addItems({ ...load(ledger), addsMax: 5, retriesMax: 2, retryAfterMs: 1 });

    expect(outcome).toMatchObject({ acknowledged: 5, doubtful: 0, retried: 10 });
    expect(cart.keys.length).toBe(15);
    expect(new Set(cart.keys).size).toBe(5);
    expect(await ledger.discrepancies(cart.address, 'm1')).toEqual([]);
  });

  it('permits either outcome of an add that stayed in doubt', async () => {
    const ledger = new AddLedger(['b1']);
    cart.fault = (request) => (request === 0 ? 'cut' : 'none');

    const outcome = await addItems({ ...load(ledger), addsMax: 3 });

    expect(outcome).toMatchObject({ acknowledged: 2, doubtful: 1, retried: 0 });
    expect(await ledger.discrepancies(cart.address, 'm1')).toEqual([]);
  });

  it('reads answers that arrive in pieces', async () => {
    const ledger = new AddLedger(['b1']);
    cart.fault = () => 'pieces';

    const outcome = await addItems({ ...load(ledger), addsMax: 3 });

    expect(outcome).toMatchObject({ acknowledged: 3, complaint: undefined });
  });

  function load(ledger: AddLedger) {
    return { address: cart.address, market: 'm1', ledger, clients: 1, forMs: 60_000 };
  }
});

type Fault = 'none' | 'lose' | 'double' | 'busy' | 'cut' | 'pieces';

/** A cart with idempotency keys that applies `fault` to its nth request: 'cut' adds, and does not answer. */
class FaultyCart {
  fault: (request: number) => Fault = () => 'none';
  connections = 0;
  readonly keys: string[] = [];
  readonly #done = new Set<string>();
  readonly #held = new Map<string, Record<string, number>>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('connection', () => (this.connections += 1));
  }

  static async start(): Promise<FaultyCart> {
    const cart = new FaultyCart();
    cart.#server.listen(0, '127.0.0.1');
    await once(cart.#server, 'listening');
    return cart;
  }

  get address(): Address {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  quantities(basket: string): Record<string, number> {
    return this.#held.get(basket) ?? {};
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const basket = request.url?.split('/')[5] ?? '';
    if (request.method === 'GET') {
      const lines = Object.entries(this.quantities(basket)).map(([sku, quantity]) => ({ sku, quantity }));
      response.end(JSON.stringify({ lines }));
      return;
    }
    const fault = this.fault(this.keys.length);
    const key = String(request.headers['idempotency-key']);
    this.keys.push(key);
    const { sku } = JSON.parse(Buffer.concat(await request.toArray()).toString()) as { sku: string };
    if (fault === 'busy') return void response.writeHead(503).end();
    const units = fault === 'lose' || this.#done.has(key) ? 0 : fault === 'double' ? 2 : 1;
    this.#done.add(key);
    const held = this.quantities(basket);
    this.#held.set(basket, { ...held, [sku]: (held[sku] ?? 0) + units });
    if (fault === 'cut') return void request.socket.destroy();
    const body = JSON.stringify({ sku });
    response.setHeader('Content-Length', body.length);
    if (fault === 'pieces') {
      response.write(body.slice(0, 4));
      await new Promise(setImmediate);
      response.write(body.slice(4, 6));
      await new Promise(setImmediate);
      return void response.end(body.slice(6));
    }
    response.end(body);
  }
}
