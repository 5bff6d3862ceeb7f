import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionLost, HttpConnection, postRequest, type Address } from '../load/http-connection.ts';

/** A batch of adds: units by SKU. */
export type Batch = readonly { readonly op: 'add'; readonly sku: string; readonly quantity: number }[];

const MARKET = 'm1';
const TRIES_MAX = 120;
const TRY_AFTER_MS = 500;

/** Clients that write to baskets and read them, each with one request in flight. */
export class BasketLoad {
  /** Requests answered with 2xx. */
  acknowledged = 0;
  /** Requests sent again after a lost connection, 429, 503 or 504. */
  retried = 0;

  constructor(
    private readonly address: Address,
    private readonly clients: number,
  ) {}

  /** Processes all items. Throws when a request is refused. */
  async each<T>(items: Iterable<T>, act: (connection: HttpConnection, item: T) => Promise<void>): Promise<void> {
    const left = items[Symbol.iterator]();
    const client = async (): Promise<void> => {
      const connection = new HttpConnection(this.address);
      for (let next = left.next(); !next.done; next = left.next()) await act(connection, next.value);
      connection.close();
    };
    await Promise.all(Array.from({ length: this.clients }, client));
  }

  /** One request per basket, with any number of products. */
  fill(connection: HttpConnection, basket: string, batch: Batch): Promise<void> {
    return this.post(connection, `baskets/${basket}/commands`, batch);
  }

  add(connection: HttpConnection, basket: string, sku: string): Promise<void> {
    return this.post(connection, `baskets/${basket}/lines`, { sku, quantity: 1 });
  }

  read(connection: HttpConnection, basket: string): Promise<void> {
    return this.insist(() => connection.get(`/v1/markets/${MARKET}/baskets/${basket}`));
  }

  private post(connection: HttpConnection, path: string, body: unknown): Promise<void> {
    const key = `idempotency-key: ${randomUUID()}\r\n`;
    const request = postRequest(this.address, `/v1/markets/${MARKET}/${path}`, JSON.stringify(body), key);
    return this.insist(() => connection.send(request));
  }

  private async insist(send: () => Promise<{ status: number; body: string }>): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const { status, body } = await send().catch((error: unknown) => {
        if (error instanceof ConnectionLost) return { status: 0, body: error.message };
        throw error;
      });
      if (status >= 200 && status < 300) {
        this.acknowledged += 1;
        return;
      }
      const open = status === 0 || status === 429 || status === 503 || status === 504;
      if (!open || tries === TRIES_MAX) throw new Error(`the load is refused: ${status} ${body}`);
      this.retried += 1;
      await sleep(TRY_AFTER_MS);
    }
  }
}

/** The first products, one unit each. */
export function batchOf(products: number): Batch {
  return skus(products).map((sku) => ({ op: 'add', sku, quantity: 1 }));
}

/** Products of the bench beside the seed's, so that a basket can have 500 lines. */
export function skus(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `BENCH${index + 1}`);
}
