import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { startSystem, type AppProcess, type TestSystem } from '@aisle/dev/testing';
import { eventually } from '@aisle/std/testing';

const JSON_TYPE = { 'content-type': 'application/json' };
const CLIENTS = 16;
/** The number of answers that each client has before its gateway is told to stop. */
const WARM = 5;

describe('a gateway', () => {
  let system: TestSystem;
  let other: AppProcess;

  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 1, market: 1, 'producer-consumer': 1 });
    other = system.apps.find(({ instance }) => instance.startsWith('gateway'))!;
    await eventually(async () => (await call('PUT', '/v1/pipelines/p1', { rate: 10 })).status === 201);
    await eventually(async () => (await call('PUT', '/v1/markets/m1/baskets/warm/lines/CF1', { quantity: 1 })).status < 300);
  });
  afterAll(() => system.stop());

  describe('that is told to stop', () => {
    let gateway: AppProcess;

    beforeEach(async () => {
      gateway = await system.start('gateway');
    });
    afterEach(async () => {
      gateway.signal('SIGTERM');
      await gateway.ended();
    });

    it('answers every request that has arrived, and accepts no other', async () => {
      const clients = Array.from({ length: CLIENTS }, (_, n) => new Client(gateway.url, `ends ${n}`));
      const running = clients.map((client) => client.run());
      await eventually(() => clients.every(({ answered }) => answered > WARM));

      gateway.signal('SIGTERM');
      await Promise.all(running);

      expect(clients.map(({ failure }) => failure)).toEqual(clients.map(() => 'ECONNREFUSED'));
      expect(clients.map(({ lastAnswer }) => lastAnswer)).toEqual(clients.map(() => ({ status: 200, connection: 'close' })));
      const applied = await Promise.all(clients.map(async ({ basket }) => {
        const { body } = await call('GET', `/v1/markets/m1/baskets/${encodeURIComponent(basket)}`);
        return (body as { lines: { quantity: number }[] }).lines[0]?.quantity;
      }));
      expect(applied).toEqual(clients.map(({ answered }) => answered));
      expect(await gateway.ended()).toBe(0);
    });

    it('ends its streams', async () => {
      const stream = await fetch(`${gateway.url}/v1/pipelines/p1/metrics`);

      gateway.signal('SIGTERM');

      expect(await stream.text()).toMatch(/^retry: \d+\n\n/);
      expect(await gateway.ended()).toBe(0);
    });

    it('ends an import in a way that lets the client continue elsewhere', async () => {
      const lines = Array.from({ length: 50_000 }, (_, n) => JSON.stringify({
        sku: `ends ${n}`, name: 'Ends', price: { amount: 100, currency: 'GBP' }, quantity: 1,
      }));
      const body = lines.join('\n');
      const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': 'ends' };
      const answer = await fetch(`${gateway.url}/v1/markets/m1/products:import`, { method: 'POST', headers, body });

      gateway.signal('SIGTERM');

      const last = (text: string): object => JSON.parse(text.trim().split('\n').at(-1) ?? '') as object;
      expect(last(await answer.text())).toMatchObject({ type: 'failed', code: 'import.ended' });
      expect(await gateway.ended()).toBe(0);
      const again = await fetch(`${other.url}/v1/markets/m1/products:import`, { method: 'POST', headers, body });
      expect(last(await again.text())).toMatchObject({ type: 'done', lines: lines.length, created: lines.length });
    });
  });

  it.each(['/v1/pipelines/p1/metrics', '/v1/pipelines/p1', '/v1/markets', '/openapi.json', '/docs'])(
    'answers HEAD %s', async (path) => {
      expect((await fetch(`${other.url}${path}`, { method: 'HEAD' })).status).toBe(200);
    }, 60_000,
  );

  it('answers HEAD of an unknown stream with 404', async () => {
    expect((await fetch(`${other.url}/v1/pipelines/none/metrics`, { method: 'HEAD' })).status).toBe(404);
  });

  it('answers a request before it refuses the malformed input that follows', async () => {
    const body = JSON.stringify({ sku: 'CF1' });
    const socket = connect(Number(new URL(other.url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    const closed = new Promise((resolve) => socket.once('close', resolve));

    socket.write(`POST /v1/markets/m1/baskets/garbage/lines HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`
      + `content-length: ${body.length}\r\n\r\n${body}garbage\r\n\r\n`);
    await closed;

    expect(text.match(/HTTP\/1\.1 \d+|"code":"[\w.]+"/g)).toEqual(['HTTP/1.1 201', 'HTTP/1.1 400', '"code":"request.malformed"']);
  });

  it('has logged no error', () => {
    expect(system.errors()).toEqual([]);
  });

  async function call(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${other.url}${path}`, { method, ...(body ? { headers: JSON_TYPE, body: JSON.stringify(body) } : {}) });
    return { status: response.status, body: await response.json() };
  }
});

/** Adds units one by one to its own basket, on one connection as long as the gateway keeps it open. */
class Client {
  answered = 0;
  failure: string | undefined;
  lastAnswer: { status: number; connection: string | undefined } | undefined;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(
    private readonly url: string,
    readonly basket: string,
  ) {}

  async run(): Promise<void> {
    while (this.failure === undefined) {
      await this.add().then((answer) => {
        this.lastAnswer = answer;
        this.answered += 1;
      }, ({ code, message }: NodeJS.ErrnoException) => {
        this.failure = code ?? message;
      });
    }
    this.agent.destroy();
  }

  private add(): Promise<{ status: number; connection: string | undefined }> {
    const { url, basket, agent } = this;
    return new Promise((resolve, reject) => {
      const path = `${url}/v1/markets/m1/baskets/${encodeURIComponent(basket)}/lines`;
      const sent = request(path, { method: 'POST', agent, headers: JSON_TYPE }, (response) => {
        response.resume().once('error', reject).once('end', () => {
          const { statusCode: status = 0, headers: { connection } } = response;
          if (status >= 300) reject(new Error(`answered ${status}`));
          resolve({ status, connection });
        });
      });
      sent.once('error', reject).end(JSON.stringify({ sku: 'CF1' }));
    });
  }
}
