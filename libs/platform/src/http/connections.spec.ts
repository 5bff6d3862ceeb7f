import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { systemRuntime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { Connections } from './connections.ts';

/** Longer than any test. */
const LONG_MS = 120_000;
const REFUSED = 'HTTP/1.1 400 \r\nconnection: close\r\ncontent-length: 7\r\n\r\nrefused';
const GOOD = 'GET /good HTTP/1.1\r\nhost: x\r\n\r\n';

describe('connections of a draining server', () => {
  let shop: Shop;

  beforeEach(async () => {
    shop = await openShop();
  });
  afterEach(() => shop.close());

  it('answer an open request, and mark the answer as the last one', async () => {
    const client = shop.client();
    client.write(GOOD);
    const [asked] = await shop.requests(1);

    const drained = shop.drain();
    asked?.end('there');

    expect(await client.all()).toMatch(/^HTTP\/1\.1 200 OK\r\nconnection: close\r\n[^]*there$/i);
    expect(await drained).toBe(0);
  });

  it('are no longer accepted', async () => {
    const drained = shop.drain();
    const client = shop.client();

    expect(await client.error()).toMatchObject({ code: 'ECONNREFUSED' });
    await drained;
  });

  it('are still accepted while a load balancer notices', async () => {
    const client = shop.client();
    const drained = shop.drain({ listenMs: LONG_MS });
    client.write(GOOD);
    const [asked] = await shop.requests(1);
    asked?.end('there');

    expect(await client.all()).toMatch(/connection: close[^]*there$/i);
    expect(await Promise.race([drained, shop.isListening()])).toBe(true);
  });

  it('answer a request that arrives on an idle connection', async () => {
    const client = shop.client();
    client.write(GOOD);
    const [first] = await shop.requests(1);
    first?.end('first');
    await client.says('first');

    const drained = shop.drain({ idleMs: LONG_MS });
    client.write(GOOD);
    const [, second] = await shop.requests(2);
    second?.end('second');

    expect(await client.all()).toMatch(/keep-alive[^]*first[^]*connection: close[^]*second$/i);
    expect(await drained).toBe(0);
  });

  it('are closed when no request arrives', async () => {
    const [fresh, used] = [shop.client(), shop.client()];
    used.write(GOOD);
    const [asked] = await shop.requests(1);
    asked?.end('there');
    await used.says('there');

    expect(await shop.drain({ idleMs: 10 })).toBe(0);

    expect(await fresh.all()).toBe('');
    expect(await used.all()).toMatch(/there$/);
  });

  it('wait for the rest of a request that has begun to arrive', async () => {
    const client = shop.client();
    client.write(GOOD.slice(0, 10));
    await shop.received(10);

    const drained = shop.drain({ idleMs: 10 });
    await eventually(async () => !(await shop.isListening()));
    client.write(GOOD.slice(10));
    const [asked] = await shop.requests(1);
    asked?.end('there');

    expect(await client.all()).toMatch(/there$/);
    expect(await drained).toBe(0);
  });

  it('answer all pipelined requests in order, and close after the last one', async () => {
    const client = shop.client();
    client.write(GOOD + GOOD);
    const [first, second] = await shop.requests(2);

    const drained = shop.drain();
    client.write(GOOD);
    const [, , third] = await shop.requests(3);
    third?.end('third');
    second?.end('second');
    first?.end('first');

    expect((await client.all()).match(/first|second|third|connection: close/g)).toEqual(['first', 'second', 'connection: close', 'third']);
    expect(await drained).toBe(0);
  });

  it('do not handle a request after the answer that was marked as the last one', async () => {
    const client = shop.client();
    client.write(GOOD + GOOD);
    const [first, second] = await shop.requests(2);
    const drained = shop.drain();
    second?.end('second');
    const { length } = GOOD + GOOD + GOOD;

    client.write(GOOD);
    await shop.received(length);
    first?.end('first');

    expect(await client.all()).toMatch(/first[^]*second$/);
    expect(await drained).toBe(0);
    expect(shop.responses).toHaveLength(2);
  });

  it('end streams once all other requests are answered', async () => {
    const [streaming, asking] = [shop.client(), shop.client()];
    const order: string[] = [];
    streaming.write(GOOD);
    const [stream] = await shop.requests(1);
    stream?.write('event');
    shop.connections.endWith(stream!, () => {
      order.push('stream');
      stream?.end('end');
    });
    asking.write(GOOD);
    const [, asked] = await shop.requests(2);

    const drained = shop.drain({ idleMs: 10 });
    asked?.end('there', () => order.push('answer'));

    expect(await drained).toBe(0);
    expect(order).toEqual(['answer', 'stream']);
    expect(await streaming.all()).toMatch(/event[^]*end/);
  });

  it('are cut off when there is no answer in time, and counted', async () => {
    const client = shop.client();
    client.write(GOOD);
    await shop.requests(1);

    expect(await shop.drain({ idleMs: 10, answerWithinMs: 10 })).toBe(1);
    expect(await client.all()).toBe('');
  });
});

describe('connections with input that is not HTTP', () => {
  let shop: Shop;

  beforeEach(async () => {
    shop = await openShop();
  });
  afterEach(() => shop.close());

  it.each([
    ['garbage', 'garbage\r\n\r\n'],
    ['a request with two lengths', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n'],
    ['a request with a bad chunk', 'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nx\r\n'],
  ])('refuse %s after the answers to earlier requests', async (_what, bad) => {
    const client = shop.client();

    client.write(GOOD + GOOD + bad);
    const [first, second] = await shop.requests(2);
    second?.end('second');
    first?.end('first');

    expect((await client.all()).match(/first|second|refused/g)).toEqual(['first', 'second', 'refused']);
  });

  it('refuse it at once when no request is open', async () => {
    const client = shop.client();

    client.write('garbage\r\n\r\n');

    expect(await client.all()).toBe(REFUSED);
  });

  it('write no refusal into an answer that has begun', async () => {
    const client = shop.client();
    client.write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
    const [asked] = await shop.requests(1);
    asked?.write('begun');
    await client.says('begun');

    client.write('x\r\n');

    expect(await client.all()).not.toContain('refused');
  });

  it('answer a client that has closed its half of the connection', async () => {
    const client = shop.client();

    client.end(GOOD);
    const [asked] = await shop.requests(1);
    asked?.end('there');

    expect(await client.all()).toMatch(/there$/);
  });
});

interface Client {
  write(text: string): void;
  /** Writes a text, and closes the client's half of the connection. */
  end(text: string): void;
  /** Everything received until the connection was closed. */
  all(): Promise<string>;
  says(text: string): Promise<void>;
  error(): Promise<NodeJS.ErrnoException>;
}

interface Shop {
  readonly connections: Connections;
  readonly responses: ServerResponse[];
  /** Resolves once that many requests have arrived. */
  requests(count: number): Promise<ServerResponse[]>;
  /** Resolves once that many bytes have arrived on the first connection. */
  received(bytes: number): Promise<void>;
  client(): Client;
  isListening(): Promise<boolean>;
  drain(options?: Parameters<Connections['drain']>[0]): Promise<number>;
  close(): void;
}

async function openShop(): Promise<Shop> {
  const responses: ServerResponse[] = [];
  const accepted: Socket[] = [];
  const clients: Socket[] = [];
  const connections = new Connections(systemRuntime, () => REFUSED);
  const listener: RequestListener = (request: IncomingMessage, response) => {
    request.resume().on('error', () => undefined);
    responses.push(response);
  };
  const server = connections.createServer({}, listener).on('connection', (socket: Socket) => accepted.push(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    connections, responses,
    requests: (count) => eventually(() => {
      expect(responses.length).toBeGreaterThanOrEqual(count);
      return responses;
    }),
    async received(bytes) {
      await eventually(() => (accepted[0]?.bytesRead ?? 0) >= bytes);
    },
    client() {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      clients.push(socket);
      return clientOf(socket);
    },
    isListening: async () => server.listening,
    drain: (options) => connections.drain(options),
    close() {
      for (const socket of [...clients, ...accepted]) socket.destroy();
      server.close();
    },
  };
}

function clientOf(socket: Socket): Client {
  let text = '';
  let failure: Error | undefined;
  socket.on('data', (chunk) => (text += String(chunk)));
  socket.on('error', (error) => (failure = error));
  const ended = new Promise<void>((resolve) => socket.once('end', resolve).once('close', resolve));
  return {
    write: (part) => void socket.write(part),
    end: (part) => void socket.end(part),
    async all() {
      await ended;
      return text;
    },
    async says(part) {
      await eventually(() => text.includes(part));
    },
    async error() {
      await ended;
      return failure as NodeJS.ErrnoException;
    },
  };
}
