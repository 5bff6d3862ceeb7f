import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { list, SERVERS, SHARDS, type Lists, type Reply } from './lists.ts';

type OnReply = (status: number, body: string) => void;

const PATH = /^\/v1\/markets\/([\w.-]{1,128})\/baskets\/([\w.-]{1,128})(\/lines)?$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const READY_WITHIN_MS = 1_000;

/** Serves the three routes on `PORT` of the loopback. */
export async function serveGateway(lists: Lists): Promise<void> {
  const gateway = new Gateway(lists);
  createServer((request, response) => gateway.serve(request, response)).listen(Number(process.env['PORT']), '127.0.0.1');
  await lists.receive<Reply>(list.gateway, (reply) => gateway.settle(reply));
}

class Gateway {
  readonly #lists: Lists;
  readonly #waiting = new Map<number, OnReply>();
  #lastId = 0;

  constructor(lists: Lists) {
    this.#lists = lists;
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '' } = request;
    if (url === '/health/ready') return void this.#ready(response);
    const [, market, id, lines] = PATH.exec(url) ?? [];
    const basket = `${market}/${id}`;
    if (market && method === 'POST' && lines) {
      bodyOf(request, (body) => this.#add(basket, request.headers['idempotency-key'], body, response));
    } else if (market && method === 'GET' && !lines) {
      this.#lists.send(list.manager, [shardOf(basket), this.#expect(response), basket]);
    } else {
      refuse(response, 404, 'no such route');
    }
  }

  settle([id, status, body]: Reply): void {
    const onReply = this.#waiting.get(id);
    this.#waiting.delete(id);
    onReply?.(status, body);
  }

  #add(basket: string, key: unknown, body: string, response: ServerResponse): void {
    const { sku, quantity = 1 } = parsed(body);
    if (typeof key !== 'string' || !UUID.test(key)) return refuse(response, 400, 'Idempotency-Key must be a UUID in lower case');
    if (typeof sku !== 'string' || sku.length < 1 || sku.length > 128) return refuse(response, 400, 'sku must be 1 to 128 characters');
    if (!isQuantity(quantity)) return refuse(response, 400, 'quantity must be a whole number from 1 to 9,999');
    this.#lists.send(list.manager, [shardOf(basket), this.#expect(response), basket, key, sku, quantity]);
  }

  /** Ready once every server has answered a read. */
  async #ready(response: ServerResponse): Promise<void> {
    const asked = Array.from({ length: SERVERS }, (_, shard) =>
      new Promise<void>((resolve) => {
        this.#lists.send(list.manager, [shard, this.#expect(() => resolve()), 'ready']);
      }));
    const late = setTimeout(() => refuse(response, 503, 'a server does not answer'), READY_WITHIN_MS);
    await Promise.all(asked);
    clearTimeout(late);
    if (!response.headersSent) answer(response, 200, '{"ready":true}');
  }

  #expect(reply: ServerResponse | OnReply): number {
    this.#lastId = (this.#lastId + 1) % 2 ** 32;
    this.#waiting.set(this.#lastId, typeof reply === 'function' ? reply : (status, body) => answer(reply, status, body));
    return this.#lastId;
  }
}

function bodyOf(request: IncomingMessage, use: (body: string) => void): void {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
  request.on('end', () => use(body));
}

function parsed(body: string): { sku?: unknown; quantity?: unknown } {
  try {
    return (JSON.parse(body) ?? {}) as object;
  } catch {
    return {};
  }
}

function isQuantity(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 9_999;
}

/** FNV-1a. */
function shardOf(basket: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < basket.length; at += 1) hash = Math.imul(hash ^ basket.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % SHARDS;
}

function refuse(response: ServerResponse, status: number, title: string): void {
  answer(response, status, JSON.stringify({ title }));
}

// A string in Latin-1 leaves in one write with its head.
function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body, 'latin1');
}
